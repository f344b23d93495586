import type { GraphQLSchema } from "graphql";
import type { OperationRequest } from "../src/core/operations.ts";
import type { Answer, LongAnswer } from "../src/flows/answers/answer.ts";
import type { Writing } from "../src/flows/answers/answer-query.ts";
import type { TableOptions, TableOutcome } from "../src/flows/exports/export-table.ts";
import type { Caller } from "../src/ports/database.ts";

/** What the routes need of the rest; `src/compose` makes it. */
export type RouteParts = {
  /**
   * Never rejects. An abort of the caller's signal, when the client goes away, stops the statement. Without `writing` a
   * mutation is refused.
   */
  answer(request: OperationRequest, caller: Caller, writing?: () => Writing): Promise<Answer | LongAnswer>;
  /** The same operation as a table. Never rejects; an abort of the signal stops the statement at any time. */
  table(request: OperationRequest, options: TableOptions): Promise<TableOutcome>;
  /** Resolves when an operation could be answered now; rejects with the `FraiseqlError` that says why not. */
  ready(): Promise<void>;
  /** Gets the error behind every answer of status 500 and above. */
  report(error: unknown): void;
  /**
   * A server that closes connections on which nothing moves is told when a long answer begins, in which PostgreSQL may
   * think and the client may rest for as long as the export may take, and when the rest depends on the client alone.
   */
  longAnswer?(request: Request, part: "begins" | "is made"): void;
  readonly bodyBytesMax: number;
  readonly showsGraphiql: boolean;
  /** The schema as GraphiQL shows it; undefined where introspection is off. */
  readonly shownSchema: (() => GraphQLSchema) | undefined;
  /** Names of `Host` that operations are answered for, besides those of the loopback; undefined when any name will do. */
  readonly allowedHosts: readonly string[] | undefined;
};
