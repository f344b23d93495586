/** An API over a test's database, asked as the server asks it. */

import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { openDatabaseWriter } from "../../src/adapters/postgres/database-writer.ts";
import { introspect } from "../../src/adapters/postgres/introspect/introspect.ts";
import { sampleDocuments } from "../../src/adapters/postgres/introspect/sample-documents.ts";
import type { ResponseError } from "../../src/core/errors.ts";
import type { Limits } from "../../src/core/limits.ts";
import { createOperations, type Operations } from "../../src/core/operations.ts";
import { modelFromCatalog } from "../../src/core/schema/from-catalog/from-catalog.ts";
import type { Model } from "../../src/core/schema/model.ts";
import { answerMutation } from "../../src/flows/answers/answer-mutation.ts";
import { answerQuery, type QueryParts } from "../../src/flows/answers/answer-query.ts";
import type { Database } from "../../src/ports/database.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

export type Answered = {
  readonly status: number;
  /** The body as it would go out. */
  readonly text: string;
  readonly data: unknown;
  readonly errors: readonly ResponseError[];
};

export type Served = {
  readonly model: Model;
  readonly operations: Operations;
  readonly database: Database;
  readonly url: string;
  readonly answer: (
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    operationName?: string,
  ) => Promise<Answered>;
  /** The data of an answer that has to be without errors. */
  readonly data: (query: string, variables?: Readonly<Record<string, unknown>>) => Promise<unknown>;
  /** The code of the first error of an answer that has to fail. */
  readonly code: (query: string, variables?: Readonly<Record<string, unknown>>) => Promise<string>;
  /** Statements that have reached the database. */
  readonly statements: () => number;
  readonly close: () => Promise<void>;
};

export type ServeOptions = {
  readonly limits?: Partial<Limits>;
  /** Adds to the model that the database alone gives. */
  readonly extend?: (model: Model) => Model;
};

/** Makes a database, and the API that its catalog gives. `close` drops the database. */
export async function serve(name: string, setupSql: string, options: ServeOptions = {}): Promise<Served> {
  return serveDatabase(await testDatabase(name, setupSql), options);
}

export async function serveDatabase(made: TestDatabase, options: ServeOptions = {}): Promise<Served> {
  const opened = openDatabase({ url: made.url, connectionsMax: 4 });
  const model = await modelOf(opened, options.extend);
  const operations = createOperations(model, options.limits ? { limits: options.limits } : {});
  const writer = openDatabaseWriter({ url: made.url, connectionsMax: 2 });
  const mutate: NonNullable<QueryParts["mutate"]> = (writes) =>
    answerMutation({ writer, responseBytesMax: 33_554_432 }, writes, {});
  let statements = 0;
  const database: Database = {
    ...opened,
    text: (statement, settings) => {
      statements += 1;
      return opened.text(statement, settings);
    },
  };
  const answer: Served["answer"] = async (query, variables, operationName) => {
    const request = { query, variables, operationName };
    const { body, status } = await answerQuery({ operations, database, mutate }, request, undefined, () => ({}));
    const text = typeof body === "string" ? body : new TextDecoder("utf-8", { fatal: true }).decode(body);
    const parsed = JSON.parse(text) as { data?: unknown; errors?: readonly ResponseError[] };
    return { status, text, data: parsed.data, errors: parsed.errors ?? [] };
  };
  return {
    model,
    operations,
    database,
    url: made.url,
    answer,
    data: async (query, variables) => {
      const { data, errors } = await answer(query, variables);
      if (errors.length > 0) throw new Error(`unexpected errors: ${JSON.stringify(errors)}`);
      return data;
    },
    code: async (query, variables) => {
      const { errors, text } = await answer(query, variables);
      const [first] = errors;
      if (!first) throw new Error(`expected an error, got ${text}`);
      return first.extensions.code;
    },
    statements: () => statements,
    close: async () => {
      await opened.close();
      await writer.close();
      await made.drop();
    },
  };
}

async function modelOf(database: Database, extend: ServeOptions["extend"]): Promise<Model> {
  const catalog = await introspect(database);
  const { model } = modelFromCatalog(catalog, await sampleDocuments(database, catalog));
  return extend ? extend(model) : model;
}
