/** What mutations need, put together when the first one comes. */
import { openDatabaseWriter } from "../adapters/postgres/database-writer.ts";
import type { Config } from "../config/schema.ts";
import { answerMutation } from "../flows/answer-mutation.ts";
import type { QueryParts } from "../flows/answer-query.ts";

export type Mutations = {
  readonly mutate: NonNullable<QueryParts["mutate"]>;
  close(): Promise<void>;
};

export function openMutations({ database, limits }: Config): Mutations {
  const { statementTimeoutMs, responseBytesMax } = limits;
  const { writeUrl: url = database.url, writeConnectionsMax: connectionsMax } = database;
  const writer = openDatabaseWriter({ ...database, url, connectionsMax, statementTimeoutMs, responseBytesMax });
  return {
    mutate: (writes, { traceparent }, caller) =>
      answerMutation(writer, writes, traceparent === undefined ? {} : { traceparent }, caller),
    close: () => writer.close(),
  };
}
