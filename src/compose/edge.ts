/** What runs at the edge, put together: an artifact, a database, and the answers they give. The same on Bun and Deno. */
import type { GraphQLSchema } from "graphql";
import { openDatabase } from "../adapters/postgres/database.ts";
import { digest } from "../adapters/web-crypto/digest.ts";
import type { Config } from "../config/schema.ts";
import { allowedHosts, allowsIntrospection, showsGraphiql } from "../config/server-access.ts";
import { FraiseqlError } from "../core/errors.ts";
import { createOperations, type OperationRequest } from "../core/operations.ts";
import { openArtifact } from "../core/schema/seal.ts";
import { type Answer, answerFailure, type LongAnswer } from "../flows/answers/answer.ts";
import { answerQuery, type QueryParts, type Writing } from "../flows/answers/answer-query.ts";
import type { TableOptions, TableOutcome } from "../flows/exports/export-table.ts";
import type { Caller, Database, Statement } from "../ports/database.ts";
import type { Exports } from "./exports.ts";
import { type LongLists, openLongLists } from "./long-lists.ts";
import { type Mutations, openMutations } from "./mutations.ts";
import { createVerification, forClients } from "./verification.ts";

export type Edge = {
  /** @param writing - absent for a request that may not change anything */
  answer(request: OperationRequest, caller?: Caller, writing?: () => Writing): Promise<Answer | LongAnswer>;
  /** The same operation as a table. Never rejects; an abort of the signal stops the statement at any time. */
  table(request: OperationRequest, options: TableOptions): Promise<TableOutcome>;
  /**
   * Holds the artifact against the live database, unless that was done before.
   *
   * @throws FraiseqlError ARTIFACT_MISMATCH with every difference; DATABASE_UNAVAILABLE when it cannot be asked
   */
  verify(): Promise<void>;
  /** Verified, and the database answers now. Throws like `verify`. */
  ready(): Promise<void>;
  report(error: unknown): void;
  close(): Promise<void>;
  readonly bodyBytesMax: number;
  readonly showsGraphiql: boolean;
  /** The schema as GraphiQL shows it; undefined where introspection is off. */
  readonly shownSchema: (() => GraphQLSchema) | undefined;
  readonly allowedHosts: readonly string[] | undefined;
};

export type EdgeInput = {
  readonly config: Config;
  /** The text of `schema.compiled.json`. */
  readonly artifact: string;
  /** Gets faults of the program and of the database, for the log. */
  readonly report: (error: unknown) => void;
};

const PING: Statement = { text: "select 1", values: [] };
const READY_MS = 2_000;
/** Only in the bundle are they a file that can be left out. */
const WITHOUT_EXPORTS = "This server has no tables: edge-arrow.js has to lie beside edge.js, of the same build.";

/** @throws FraiseqlError ARTIFACT_INVALID */
export async function openEdge({ config, artifact: text, report }: EdgeInput): Promise<Edge> {
  const artifact = await openArtifact(text, digest);
  const { statementTimeoutMs, bodyBytesMax, responseBytesMax } = config.limits;
  const database = openDatabase({ ...config.database, statementTimeoutMs, responseBytesMax });
  const { verify, isVerified, serverVersion } = createVerification(artifact, database);
  await beginToVerify(database, verify);
  const operations = await orClose(database, () =>
    createOperations(artifact.model, {
      limits: config.limits,
      introspection: allowsIntrospection(config.server),
      streamsLists: true,
      serverVersion,
    }),
  );
  let mutations: Mutations | undefined;
  let quickRequests = 0;
  let lists: LongLists | undefined;
  const openedLists = (): LongLists => {
    lists ??= openLongLists({ config, operations, quickRequests: () => quickRequests });
    return lists;
  };
  let exports: Promise<Exports> | undefined;
  const openedExports = (): Promise<Exports> => {
    exports ??= import("./exports.ts").then(
      ({ openExports }) => openExports({ config, operations, artifact, database, bulk: openedLists().bulk }),
      (cause) => {
        throw new FraiseqlError("EXPORTS_MISSING", WITHOUT_EXPORTS, { cause });
      },
    );
    return exports;
  };
  const parts: QueryParts = {
    operations,
    database,
    quick: () => {
      quickRequests += 1;
    },
    stream: (request, caller) => openedLists().stream(request, caller),
    mutate: (writes, writing, caller) => {
      mutations ??= openMutations(config);
      return mutations.mutate(writes, writing, caller);
    },
  };
  return {
    answer: (request, caller, writing) => {
      if (isVerified()) return answerQuery(parts, request, caller, writing);
      return verify().then(
        () => answerQuery(parts, request, caller, writing),
        (error) => answerFailure(forClients(error)),
      );
    },
    table: async (request, options) => {
      try {
        if (!isVerified()) await verify();
        return await (await openedExports()).table(request, options);
      } catch (error) {
        return { kind: "refused", answer: answerFailure(forClients(error)) };
      }
    },
    verify,
    ready: async () => {
      await verify().catch((error) => {
        throw forClients(error);
      });
      await answersWithin(database, READY_MS);
    },
    report,
    close: async () => {
      await Promise.all([database.close(), lists?.bulk.close(), mutations?.close()]);
    },
    bodyBytesMax,
    showsGraphiql: showsGraphiql(config.server),
    shownSchema: allowsIntrospection(config.server) ? () => operations.schema : undefined,
    allowedHosts: allowedHosts(config.server),
  };
}

/**
 * Connects, and leaves PostgreSQL reading its catalog while the schema is built here. What comes of it is told by the next
 * `verify`, which waits for this one or tries again.
 */
async function beginToVerify(database: Database, verify: () => Promise<void>): Promise<void> {
  try {
    await database.rows(PING);
    verify().catch(() => undefined);
  } catch {
    // Without a database there is nothing to begin with.
  }
}

/** An open connection would keep the process alive after a failure. */
async function orClose<T>(database: Database, step: () => T): Promise<T> {
  try {
    return step();
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function answersWithin(database: Database, milliseconds: number): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), milliseconds);
  try {
    await database.rows(PING, { signal: late.signal });
  } catch (error) {
    if (!late.signal.aborted) throw error;
    const message = `The database has not answered within ${milliseconds} ms.`;
    throw new FraiseqlError("DATABASE_UNAVAILABLE", message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
