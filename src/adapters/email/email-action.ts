import { createHash } from "node:crypto";
import { createTransport, type SendMailOptions } from "nodemailer";
import * as z from "zod/mini";
import { boundedFacts } from "../../core/jobs/bounded-facts.ts";
import { optionProblems } from "../../core/jobs/option-problems.ts";
import type { Action, ActionInput, ActionOutcome } from "../../ports/action.ts";
import { EMAIL_OPTIONS, type EmailOptions, emailProblems, type Mailbox, readMailbox } from "./email-options.ts";
import { isPermanent, takenOutcome } from "./email-outcome.ts";

export type EmailActionOptions = {
  /** `smtp://` (TLS by STARTTLS) or `smtps://` (TLS from the start), with user and password where the server wants them. */
  readonly url: string;
  /** Whom all messages are from, such as `Shop <shop@example.com>`. */
  readonly from: string;
  /** `required`: nothing is sent in clear. A server on this machine is spoken to either way. */
  readonly tls: "required" | "offered";
  /** PEM of authorities that are trusted instead of the usual ones. */
  readonly authorities?: string;
};

const CONNECTIONS_MAX = 5;
const CONNECT_MS_MAX = 10_000;
const SILENCE_MS_MAX = 60_000;

type Transport = ReturnType<typeof openTransport>;

/** Sends e-mail over SMTP; done is said after the server has taken the whole message for every recipient. */
export function createEmailAction(options: EmailActionOptions): Action {
  const transport = openTransport(options);
  const from = readMailbox(options.from);
  if (from === undefined) throw new TypeError("The sender is not one e-mail address.");
  const { protocol, host } = new URL(options.url);
  const { password } = new URL(options.url);
  const secrets = password === "" ? [] : [decodeURIComponent(password)];
  return {
    kind: "email",
    templates: { to: "text", cc: "text", bcc: "text", replyTo: "text", subject: "header", text: "text", html: "html" },
    schema: z.toJSONSchema(EMAIL_OPTIONS, { io: "input" }),
    check: emailProblems,
    endpoint: () => `${protocol}//${host}`,
    run: (input) => run(transport, from, secrets, input),
    close: async () => transport.close(),
  };
}

function openTransport({ url, tls, authorities }: EmailActionOptions) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === "smtps:";
  const here = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
  return createTransport({
    pool: true,
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port || (secure ? 465 : 587)),
    secure,
    requireTLS: tls === "required" && !here,
    ...(username === "" ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    ...(authorities === undefined ? {} : { tls: { ca: authorities } }),
    maxConnections: CONNECTIONS_MAX,
    connectionTimeout: CONNECT_MS_MAX,
    greetingTimeout: CONNECT_MS_MAX,
    socketTimeout: SILENCE_MS_MAX,
    // Neither files of the worker nor addresses are read for a message.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

async function run(
  transport: Transport,
  from: Mailbox,
  secrets: readonly string[],
  input: ActionInput,
): Promise<ActionOutcome> {
  const read = EMAIL_OPTIONS.safeParse(input.options);
  if (!read.success) return permanent(optionProblems(EMAIL_OPTIONS, input.options)[0]?.message ?? "wrong options");
  const message = messageOf(read.data, from, input);
  if (typeof message === "string") return permanent(message);
  const request = `to ${[message.to, message.cc, message.bcc].flat().map(addressOf).filter(Boolean).join(", ")}`;
  try {
    input.signal.throwIfAborted();
    const taken = await transport.sendMail(message);
    const outcome = takenOutcome(taken, { request });
    return "facts" in outcome ? { ...outcome, facts: boundedFacts(outcome.facts, secrets) } : outcome;
  } catch (error) {
    const fault = input.signal.aborted ? input.signal.reason : error;
    const text = fault instanceof Error ? fault.message : String(fault);
    const facts = boundedFacts({ request, error: text }, secrets);
    return {
      kind: !input.signal.aborted && isPermanent(error) ? "permanent" : "retryable",
      reason: facts.error,
      facts,
    };
  }
}

type Message = SendMailOptions & {
  readonly to: Mailbox[];
  readonly cc: Mailbox[];
  readonly bcc: Mailbox[];
  readonly signal: AbortSignal;
};

/** The message, or why there is none. */
function messageOf(options: EmailOptions, from: Mailbox, { id, signal }: ActionInput): Message | string {
  const { subject, text, html, replyTo } = options;
  const lists = { to: options.to, cc: options.cc ?? [], bcc: options.bcc ?? [] };
  const read = { to: [] as Mailbox[], cc: [] as Mailbox[], bcc: [] as Mailbox[] };
  for (const name of ["to", "cc", "bcc"] as const) {
    for (const each of lists[name]) {
      const mailbox = readMailbox(each);
      if (mailbox === undefined) return `In ${name} stands what is not one e-mail address.`;
      read[name].push(mailbox);
    }
  }
  const reply = replyTo === undefined ? undefined : readMailbox(replyTo);
  if (replyTo !== undefined && reply === undefined) return "In replyTo stands what is not one e-mail address.";
  // A line end would begin another header.
  if (/[\r\n\0]/.test(subject)) return "The subject would have more than one line.";
  return {
    from,
    ...read,
    subject,
    signal,
    messageId: messageId(id, from.address),
    headers: { "Auto-Submitted": "auto-generated" },
    ...(reply === undefined ? {} : { replyTo: reply }),
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
  };
}

/** The same at each attempt: mailboxes that know the id of a message show it once. */
export function messageId(id: string, from: string): string {
  const digest = createHash("sha256").update(id).digest("base64url");
  return `<${digest}@${from.slice(from.lastIndexOf("@") + 1)}>`;
}

function addressOf(mailbox: Mailbox): string {
  return mailbox.address;
}

function permanent(reason: string): ActionOutcome {
  return { kind: "permanent", reason, facts: boundedFacts({ error: reason }) };
}
