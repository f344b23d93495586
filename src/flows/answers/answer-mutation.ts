/** The root fields of one mutation, one after the other, each a transaction of its own. */
import { ERRORS, FraiseqlError, knownError, type ResponseError } from "../../core/errors.ts";
import type { PreparedWrite } from "../../core/operations.ts";
import type { Caller } from "../../ports/database.ts";
import type { DatabaseWriter, WriteContext } from "../../ports/database-writer.ts";
import { type Answer, answerFailure } from "./answer.ts";
import { fieldError } from "./field-error.ts";
import { joinedBody } from "./joined-body.ts";

export type MutationParts = {
  readonly writer: DatabaseWriter;
  /** Of all root fields together. Once they are more, the fields after them are not run. */
  readonly responseBytesMax: number;
};

/**
 * Never throws. A root field that fails is null in the answer and does not keep the next ones from being run, as the
 * GraphQL specification wants it. Where none has succeeded, the answer is the failure of the first, or of one that may have
 * happened: nobody is told to send that again.
 */
export async function answerMutation(
  { writer, responseBytesMax }: MutationParts,
  writes: readonly PreparedWrite[],
  context: WriteContext,
  caller?: Caller,
): Promise<Answer> {
  const values: { readonly key: string; readonly json: string | Uint8Array }[] = [];
  const failures: { readonly error: FraiseqlError; readonly key: string; readonly shown: ResponseError }[] = [];
  let bytes = 0;
  for (const each of writes) {
    const { key } = each;
    try {
      if (bytes > responseBytesMax) throw tooLong(responseBytesMax);
      const json = (await fieldValue(writer, each, context, caller)) ?? "null";
      bytes += json.length;
      values.push({ key, json });
    } catch (thrown) {
      const error = knownError(thrown);
      values.push({ key, json: "null" });
      failures.push({ error, key, shown: fieldError(each, error) });
      if (error.code === "REQUEST_CANCELLED") break;
    }
  }
  const errors = failures.map(({ shown }) => shown);
  const fault = failures.map(({ error }) => error).find(({ code }) => ERRORS[code].status >= 500);
  const first = failures.find(({ error }) => error.code === "OUTCOME_UNKNOWN") ?? failures[0];
  const faultOf = fault ? { fault: fault.cause ?? fault } : {};
  if (first && failures.length === writes.length)
    return { ...answerFailure(first.error), ...refusalOf(errors), ...faultOf };
  return { body: joinedBody(values, errors), status: 200, failed: false, ...faultOf };
}

function refusalOf(errors: readonly ResponseError[]): Pick<Answer, "body"> {
  return { body: JSON.stringify({ errors }) };
}

/** Each field is bounded by itself already; a request may have many. */
export function tooLong(limit: number): FraiseqlError {
  const message = `The fields before this one answer with more than ${limit} bytes; it was not run.`;
  return new FraiseqlError("RESPONSE_LIMIT", message, { details: { limit } });
}

/** An outcome decides itself whether anything changes; everything else is committed if it did not fail. */
function fieldValue(
  writer: DatabaseWriter,
  write: PreparedWrite,
  context: WriteContext,
  caller: Caller | undefined,
): string | Promise<string | Uint8Array | null> {
  if (write.kind === "constant") return write.json;
  if (!write.decides) return writer.write(write.statement, context, caller);
  return writer.transaction(
    context,
    async (step) => {
      const [row] = await step(write.statement);
      return { commit: row?.[1] === "t", value: row?.[0] ?? "null" };
    },
    caller,
  );
}
