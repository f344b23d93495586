import type { FraiseqlError } from "../core/errors.ts";
import type { CommandInput, CommandIo } from "./command.ts";

/** What `--json` prints of an error. */
export function errorJson({ code, message, details }: FraiseqlError): string {
  return JSON.stringify({ error: { code, message, ...details } });
}

/** An error as the result of a command, or as a line for people. */
export function printError(error: FraiseqlError, { json }: Pick<CommandInput, "json">, io: CommandIo): void {
  if (json) io.out(errorJson(error));
  else io.err(`${error.code}: ${error.message}`);
}
