/** Long lists as JSON, put together when the first one comes. */
import { type BulkPool, openBulkPool } from "../adapters/postgres/bulk/bulk-pool.ts";
import type { Config } from "../config/schema.ts";
import type { OperationRequest, Operations } from "../core/operations.ts";
import type { Answer, LongAnswer } from "../flows/answers/answer.ts";
import { createListTurns } from "../flows/answers/list-turns.ts";
import { streamList } from "../flows/answers/stream-list.ts";
import type { Caller } from "../ports/database.ts";

export type LongLists = {
  readonly stream: (request: OperationRequest, caller?: Caller) => Promise<Answer | LongAnswer>;
  /** What their rows come over, and those of exports. */
  readonly bulk: BulkPool;
};

export type LongListsInput = {
  readonly config: Config;
  readonly operations: Operations;
  /** Requests until now that were no exports and no long lists. */
  readonly quickRequests: () => number;
};

/** Long lists over connections of their own, which exports share. */
export function openLongLists({ config, operations, quickRequests }: LongListsInput): LongLists {
  const { url, connectTimeoutMs } = config.database;
  const { waitersMax, waitMs, connectionsMax: atOnceMax } = config.exports;
  const { responseBytesMax: bytesMax, statementTimeoutMs: firstBytesMs } = config.limits;
  const bulk = openBulkPool({ url, connectTimeoutMs, ...config.exports });
  const turns = createListTurns({ waitersMax, waitMs, atOnceMax, quickRequests });
  const parts = { operations, bulk, turns, bytesMax, firstBytesMs };
  return { stream: (request, caller) => streamList(parts, request, caller), bulk };
}
