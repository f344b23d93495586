/** What is behind an error, for operators: their terminal and their log, never an answer to others. */

const CAUSES_MAX = 5;
/** What stands before the host of a URL: it may be a password, and one may hold any sign. */
const LOGIN_IN_URL = /([a-z][a-z\d+.-]*:\/\/)\S*@/gi;

/** The messages of its causes, the nearest first, each once and on one line; without the logins of URLs. */
export function causesOf(error: Error): readonly string[] {
  const told = new Set<string>();
  for (let cause = error.cause; cause instanceof Error && told.size < CAUSES_MAX; cause = cause.cause) {
    const message = messageOf(cause).replaceAll(/\s+/g, " ").replaceAll(LOGIN_IN_URL, "$1…@").trim();
    if (message !== "" && !error.message.includes(message)) told.add(message);
  }
  return [...told];
}

/** The error's message and, behind it, those of its causes. */
export function withCauses(error: Error): string {
  const causes = causesOf(error);
  return causes.length === 0 ? error.message : [error.message.replace(/\.$/, ""), ...causes].join(": ");
}

/** A connection that was tried at several addresses fails with an error for each, and no message of its own. */
function messageOf(error: Error): string {
  if (error.message !== "") return error.message;
  if (error instanceof AggregateError) return error.errors.map((each) => messageOf(each as Error)).join("; ");
  return "code" in error ? String(error.code) : error.name;
}
