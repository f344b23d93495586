/** The answer to an operation that is one long list: its rows are joined as they come, and nobody holds the whole. */
import { encodeUtf8 } from "../../core/columnar/utf8.ts";
import { FraiseqlError } from "../../core/errors.ts";
import type { OperationRequest, Operations } from "../../core/operations.ts";
import { STREAMED_LIST } from "../../core/sql/streamed-list.ts";
import type { BulkReader } from "../../ports/bulk-reader.ts";
import type { Caller } from "../../ports/database.ts";
import { begin, type Chunk, restOf } from "../exports/chunks.ts";
import { joinedRows } from "../exports/joined-rows.ts";
import type { Answer, LongAnswer } from "./answer.ts";
import type { ListTurns } from "./list-turns.ts";

export type StreamListParts = {
  readonly operations: Operations;
  readonly bulk: Pick<BulkReader, "open">;
  readonly turns: ListTurns;
  /** A longer answer is broken off with RESPONSE_LIMIT. */
  readonly bytesMax: number;
  /** The first bytes have to be there so many milliseconds after its turn began; for the rest the limits of `bulk` hold. */
  readonly firstBytesMs: number;
};

const COMMA = encodeUtf8(",");

/**
 * Resolves when the first bytes are there. Whatever fails until then rejects, so that it is an error and not a broken stream; what
 * fails later throws from the `rest` of the answer.
 *
 * @throws FraiseqlError, also RequestFailed
 */
export async function streamList(
  { operations, bulk, turns, bytesMax, firstBytesMs }: StreamListParts,
  request: OperationRequest,
  caller?: Caller,
): Promise<Answer | LongAnswer> {
  const { made, statement } = operations.prepareAs(STREAMED_LIST, request);
  const stop = new AbortController();
  const leave = (): void => stop.abort();
  caller?.signal?.addEventListener("abort", leave, { once: true });
  if (caller?.signal?.aborted) leave();
  const turn = await turns.take(stop.signal);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    leave();
  }, firstBytesMs);
  async function* chunks(): AsyncGenerator<Chunk, void, void> {
    try {
      const result = await bulk.open(statement, { signal: stop.signal });
      const tail = encodeUtf8(made.tail);
      yield* joinedRows(result, {
        head: encodeUtf8(made.head),
        between: COMMA,
        tail: () => tail,
        check: ({ bytes }) => {
          turn.goesOn();
          if (bytes > bytesMax) throw tooLong(bytesMax);
        },
      });
    } finally {
      turn.end();
    }
  }
  try {
    const { first, rest } = await begin(chunks());
    if (!rest) return { body: first, status: 200, failed: false };
    const next = async (): Promise<Uint8Array | undefined> => (await rest.next()).value;
    // What waits for PostgreSQL is told first, for the end of the iteration waits for it.
    const end = async (): Promise<void> => {
      leave();
      await rest.return?.();
    };
    return { body: first, rest: restOf(next, end), status: 200, failed: false };
  } catch (error) {
    throw isLate ? tooSlow(error) : error;
  } finally {
    clearTimeout(timer);
  }
}

function tooLong(limit: number): FraiseqlError {
  return new FraiseqlError("RESPONSE_LIMIT", `The answer is longer than ${limit} bytes; ask for less.`, {
    details: { limit },
  });
}

function tooSlow(cause: unknown): FraiseqlError {
  return new FraiseqlError("STATEMENT_TIMEOUT", "The statement ran longer than the limit; ask for less.", { cause });
}
