/** What a mail server's answer means for the delivery. */
import type { ActionOutcome, AttemptFacts } from "../../ports/action.ts";

/** What nodemailer says of a message that a server took. */
export type Taken = { readonly response: string; readonly rejectedErrors?: readonly Error[] | undefined };

/** Some of the recipients may have been refused though the message was taken for the others: that is not done. */
export function takenOutcome({ response, rejectedErrors = [] }: Taken, facts: AttemptFacts): ActionOutcome {
  if (rejectedErrors.length === 0) return { kind: "done", facts: { ...facts, response } };
  const refused = rejectedErrors.map((error) => ("recipient" in error ? String(error.recipient) : "?")).join(", ");
  const later = rejectedErrors.some((error) => codeOf(error) < 500);
  const reason = `The server took the message, but not for ${refused}.`;
  return { kind: later ? "retryable" : "permanent", reason, facts: { ...facts, response, error: reason } };
}

/** The fault of the message, and not of the server or of how we log in there. */
export function isPermanent(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  // A login that is refused is mended by who runs the worker; no message is to be lost by it.
  if (error.code !== "EENVELOPE" && error.code !== "EMESSAGE") return false;
  const code = codeOf(error);
  // 421: the server goes away; 530: it wants a login or TLS first.
  return code === 0 || (code >= 500 && code !== 530);
}

/** https://www.rfc-editor.org/rfc/rfc5321#section-4.2; 0 where there was no reply. */
function codeOf(error: Error): number {
  return "responseCode" in error && typeof error.responseCode === "number" ? error.responseCode : 0;
}
