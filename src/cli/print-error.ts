import { causesOf } from "../core/error-causes.ts";
import type { FraiseqlError } from "../core/errors.ts";
import type { CommandInput, CommandIo } from "./command.ts";

/** What `--json` prints of an error. */
export function errorJson(error: FraiseqlError): string {
  const { code, message, details } = error;
  return JSON.stringify({ error: { code, message, ...details, cause: causeOf(error) } });
}

/** An error as the result of a command, or as a line for people, with what is behind it on a second one. */
export function printError(error: FraiseqlError, { json }: Pick<CommandInput, "json">, io: CommandIo): void {
  if (json) {
    io.out(errorJson(error));
    return;
  }
  io.err(`${error.code}: ${error.message}`);
  const cause = causeOf(error);
  if (cause !== undefined) io.err(`  cause: ${cause}`);
}

/** Problems of a file say it all, each at its place. */
function causeOf(error: FraiseqlError): string | undefined {
  const causes = "problems" in error.details ? [] : causesOf(error);
  return causes.length === 0 ? undefined : causes.join(": ");
}
