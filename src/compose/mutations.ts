/** What mutations need, put together when the first one comes. */
import { openDatabaseWriter } from "../adapters/postgres/database-writer.ts";
import { digest } from "../adapters/web-crypto/digest.ts";
import type { Config } from "../config/schema.ts";
import type { PreparedWrite } from "../core/operations.ts";
import { traceOfUuids } from "../core/trace.ts";
import { answerIdempotently } from "../flows/answers/answer-idempotently.ts";
import { answerMutation } from "../flows/answers/answer-mutation.ts";
import type { QueryParts } from "../flows/answers/answer-query.ts";
import type { WriteContext } from "../ports/database-writer.ts";

export type Mutations = {
  readonly mutate: NonNullable<QueryParts["mutate"]>;
  close(): Promise<void>;
};

/** So that what several rows lead to can be found together. The trace of a single row begins with its decision. */
const mayWriteMany = (writes: readonly PreparedWrite[]): boolean =>
  writes.length > 1 || writes.some((write) => write.kind === "write" && write.many);
const begunTrace = (): string => traceOfUuids(crypto.randomUUID(), crypto.randomUUID());

/** Mutations as the writing role, over connections of their own. */
export function openMutations({ database, limits }: Config): Mutations {
  const { statementTimeoutMs, responseBytesMax } = limits;
  const { writeUrl: url = database.url, writeConnectionsMax: connectionsMax } = database;
  const writer = openDatabaseWriter({ ...database, url, connectionsMax, statementTimeoutMs, responseBytesMax });
  const parts = { writer, responseBytesMax };
  return {
    mutate: (writes, { request, traceparent, idempotencyKey: key }, caller) => {
      const trace = traceparent ?? (mayWriteMany(writes) ? begunTrace() : undefined);
      const context: WriteContext = trace === undefined ? {} : { traceparent: trace };
      if (key === undefined) return answerMutation(parts, writes, context, caller);
      const { query, operationName, variables } = request;
      return digest(JSON.stringify([query, operationName ?? null, variables ?? {}])).then((fingerprint) =>
        answerIdempotently(parts, writes, context, { key, fingerprint, keptMs: limits.idempotencyMs }, caller),
      );
    },
    close: () => writer.close(),
  };
}
