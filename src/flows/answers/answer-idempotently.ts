/**
 * A mutation that came with an `Idempotency-Key`: all its root fields and the answer itself are one transaction, so that
 * the key is kept if and only if everything has happened.
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07
 */
import { FraiseqlError } from "../../core/errors.ts";
import type { PreparedWrite } from "../../core/operations.ts";
import { findKey, type IdempotencyKey, keepAnswer, lockKey } from "../../core/sql/idempotency.ts";
import type { Caller } from "../../ports/database.ts";
import type { WriteContext, WriteStep } from "../../ports/database-writer.ts";
import { type Answer, answerFailure } from "./answer.ts";
import { type MutationParts, tooLong } from "./answer-mutation.ts";
import { commitError, fieldError } from "./field-error.ts";
import { joinedBody } from "./joined-body.ts";

export type IdempotentRequest = {
  /** The value of the header. */
  readonly key: string;
  /** Equal for equal operations: a digest. */
  readonly fingerprint: string;
  readonly keptMs: number;
};

/** Never throws. A field that fails undoes all of them; then nothing is kept, and the key may be tried again. */
export async function answerIdempotently(
  { writer, responseBytesMax }: MutationParts,
  writes: readonly PreparedWrite[],
  context: WriteContext,
  request: IdempotentRequest,
  caller?: Caller,
): Promise<Answer> {
  let running: PreparedWrite | undefined;
  try {
    const key = { org: context.org ?? "", key: readKey(request.key) };
    const answer = await writer.transaction(
      context,
      async (step) => {
        const known = await knownAnswer(step, key, request);
        if (known !== undefined) return { commit: false, value: known };
        if (writes.length > 1 && writes.some(decides)) throw mixed();
        let commit = true;
        const fields: { readonly key: string; readonly json: string }[] = [];
        let bytes = 0;
        for (const write of writes) {
          running = write;
          if (bytes > responseBytesMax) throw tooLong(responseBytesMax);
          const row = write.kind === "constant" ? [write.json] : (await step(write.statement))[0];
          const json = row?.[0] ?? "null";
          bytes += json.length;
          fields.push({ key: write.key, json });
          if (decides(write)) commit = row?.[1] === "t";
        }
        running = undefined;
        const value = new TextDecoder().decode(joinedBody(fields, []));
        if (!commit) return { commit, value };
        const kept = { fingerprint: request.fingerprint, answer: value, milliseconds: request.keptMs };
        await step(keepAnswer(key, kept)).catch(refuseKeys);
        return { commit: true, value };
      },
      caller,
    );
    return { body: answer, status: 200, failed: false };
  } catch (error) {
    const answer = answerFailure(error);
    if (!(error instanceof FraiseqlError)) return answer;
    if (error.code.startsWith("IDEMPOTENCY_")) return { ...answer, isOfHttp: true };
    const shown = running ? fieldError(running, error) : commitError(writes, error);
    return { ...answer, body: JSON.stringify({ errors: [shown] }) };
  }
}

/** @throws FraiseqlError IDEMPOTENCY_KEY_IN_USE, IDEMPOTENCY_KEY_REUSED */
async function knownAnswer(
  step: WriteStep,
  key: IdempotencyKey,
  { fingerprint }: IdempotentRequest,
): Promise<string | undefined> {
  const [lock] = await step(lockKey(key));
  if (lock?.[0] !== "t") {
    const message = "The first request with this Idempotency-Key is not answered yet; ask again later.";
    throw new FraiseqlError("IDEMPOTENCY_KEY_IN_USE", message);
  }
  const [found] = await step(findKey(key)).catch(refuseKeys);
  if (!found) return undefined;
  if (found[0] !== fingerprint) {
    const message = "This Idempotency-Key belongs to a request with another body; make a new key.";
    throw new FraiseqlError("IDEMPOTENCY_KEY_REUSED", message);
  }
  return found[1] ?? "";
}

const decides = (write: PreparedWrite): boolean => write.kind === "write" && write.decides;

/** The one transaction cannot end in two ways. */
function mixed(): FraiseqlError {
  const message = "With an Idempotency-Key a mutation that answers with an outcome has to be the only field.";
  return new FraiseqlError("IDEMPOTENCY_KEY_INVALID", message);
}

/** A structured header's string stands in quotes; many clients leave them out. */
function readKey(header: string): string {
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new FraiseqlError("IDEMPOTENCY_KEY_INVALID", "An Idempotency-Key has 1 to 255 printable ASCII characters.");
}

/** The table or its schema is not there. */
const NOT_INSTALLED = new Set(["42P01", "3F000"]);
const NOT_ALLOWED = "42501";

/** @throws what a look at the keys, or a new one, failed with; where that is for the operator, with what there is to do */
function refuseKeys(error: unknown): never {
  const message = error instanceof FraiseqlError ? keysProblem(error) : undefined;
  throw message === undefined ? error : new FraiseqlError("IDEMPOTENCY_KEY_INVALID", message, { cause: error });
}

function keysProblem({ details, cause }: FraiseqlError): string | undefined {
  const sqlstate = String(details["sqlstate"]);
  if (NOT_INSTALLED.has(sqlstate))
    return "This server keeps no idempotency keys; `fraiseql migrate` makes the table for them.";
  if (sqlstate !== NOT_ALLOWED) return undefined;
  // PostgreSQL says in its own language on what there is no right, and names it in all of them.
  const isOfTable = cause instanceof Error && cause.message.includes("idempotency_keys");
  const lacking = isOfTable
    ? "SELECT, INSERT, UPDATE or DELETE on fraiseql.idempotency_keys"
    : "USAGE on the schema fraiseql";
  return `This server cannot keep idempotency keys: the role that writes lacks ${lacking}.`;
}
