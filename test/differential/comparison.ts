/** Runs one operation on both sides and says where they differ. */
import { type DocumentNode, type ExecutionResult, GraphQLError, parse } from "graphql";
import { FraiseqlError } from "../../src/core/errors.ts";
import type { Operations } from "../../src/core/operations.ts";
import { propagateNulls } from "../../src/core/plan/propagate-nulls.ts";
import { SHOWN_NULLS } from "../../src/core/sql/shown-nulls.ts";
import { answerQuery } from "../../src/flows/answers/answer-query.ts";
import type { Database } from "../../src/ports/database.ts";
import type { GeneratedOperation } from "./generator/draft.ts";
import { ORACLE_CURSOR } from "./oracle/order.ts";
import { runOracle } from "./oracle/resolvers.ts";
import type { Store } from "./oracle/store.ts";

/** What a run has seen, so that it cannot pass by seeing nothing. */
export type Tally = {
  requests: number;
  answered: number;
  failedAlike: number;
  /** Answers with data and errors, both alike. */
  partialAlike: number;
  timedOut: number;
  readonly oursMs: number[];
};

export const newTally = (): Tally => ({
  requests: 0,
  answered: 0,
  failedAlike: 0,
  partialAlike: 0,
  timedOut: 0,
  oursMs: [],
});

export type Sides = {
  readonly operations: Operations;
  readonly database: Database;
  readonly store: Store;
  readonly pageRowsMax: number;
  readonly tally: Tally;
};

type Variables = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];
/** `violations` are the paths of non-null fields that hold a null. */
type Outcome = { readonly data: unknown; readonly violations: readonly Path[] } | { readonly codes: readonly string[] };

/** All requests of a generated operation: as it is, with other values, and from cursors of its own answers. */
export async function compareOperation(sides: Sides, operation: GeneratedOperation): Promise<void> {
  const document = parse(operation.query);
  let data = await compareOnce(sides, operation.query, document, operation.variables);
  if (Object.keys(operation.otherVariables).length > 0) {
    await compareOnce(sides, operation.query, document, operation.otherVariables);
  }
  for (let step = 0; step < 2 && operation.walks.length > 0; step += 1) {
    const found = operation.walks.flatMap(({ alias, variable, pick }) => {
      const cursors = cursorsBelow(data, alias);
      return cursors.length > 0 ? [[variable, cursors[pick % cursors.length]] as const] : [];
    });
    if (found.length === 0) break;
    data = await compareOnce(sides, operation.query, document, {
      ...operation.variables,
      ...Object.fromEntries(found),
    });
  }
}

/** Gives our data; throws an error that shows the request and both answers where they differ. */
export async function compareOnce(
  sides: Sides,
  query: string,
  document: DocumentNode,
  variables: Variables,
): Promise<unknown> {
  const { operations, database, store, pageRowsMax, tally } = sides;
  tally.requests += 1;
  const oracle = outcomeOf(await runOracle(operations.schema, document, variables, { store, pageRowsMax }));
  const start = performance.now();
  const answer = await answerQuery({ operations, database }, { query, variables });
  tally.oursMs.push(performance.now() - start);
  const body = textOf(answer.body);
  const ours = JSON.parse(body) as {
    data?: unknown;
    errors?: readonly { message: string; path?: Path; extensions: { code: string } }[];
  };
  const refused = ours.data === undefined ? ours.errors?.[0]?.extensions.code : undefined;
  if (refused === "STATEMENT_TIMEOUT") {
    tally.timedOut += 1;
    return undefined;
  }
  // The planner refuses a null filter always, the oracle only where a row makes it look.
  if (refused === "NULL_FILTER" && Object.values(variables).includes(null)) return undefined;
  if ("codes" in oracle) {
    if (!oracle.codes.includes(refused ?? "none"))
      throw different(query, variables, `the oracle failed with ${oracle.codes.join(", ")}`, body);
    tally.failedAlike += 1;
    return undefined;
  }
  const expected = JSON.stringify(oracle.data);
  const found = JSON.stringify(likeOracle(ours.data, oracle.data));
  if (expected !== found) throw different(query, variables, expected, found ?? body);
  if (oracle.violations.length > 0 || ours.errors) {
    const differs = differentViolations(ours.data, oracle.violations, ours.errors ?? []);
    if (differs) throw different(query, variables, differs, body);
    tally.partialAlike += 1;
    return ours.data;
  }
  await compareShown(sides, query, variables, body);
  tally.answered += 1;
  return ours.data;
}

/** Where no null has to be propagated, the form that shows nulls leads to the same bytes. */
async function compareShown(
  { operations, database }: Sides,
  query: string,
  variables: Variables,
  body: string,
): Promise<void> {
  const prepared = operations.prepare({ query, variables });
  if (prepared.kind === "finished") return;
  const { statement, plan } = operations.prepareAs(SHOWN_NULLS, { query, variables });
  const shown = propagateNulls(plan, textOf(await database.text(statement)), 1);
  const found = `{"data":${shown.data}}`;
  if (found !== body) throw different(query, variables, body, `${JSON.stringify(shown.errors)} ${found}`);
}

const textOf = (body: string | Uint8Array): string =>
  typeof body === "string" ? body : Buffer.from(body).toString("utf8");

function outcomeOf({ data, errors }: ExecutionResult): Outcome {
  if (!errors) return { data, violations: [] };
  const violations: Path[] = [];
  const codes = errors.flatMap((error) => {
    const original = error instanceof GraphQLError ? error.originalError : undefined;
    if (original instanceof FraiseqlError) return [original.code];
    if (!error.path || !error.message.startsWith("Cannot return null for non-nullable field")) throw original ?? error;
    violations.push(error.path);
    return [];
  });
  return codes.length > 0 ? { codes } : { data, violations };
}

/**
 * graphql-js stops at the first violation below a null that it puts, we tell them all: each of its paths is one of ours, and
 * both explain the same nulls of the answer.
 */
function differentViolations(
  data: unknown,
  expected: readonly Path[],
  errors: readonly { readonly path?: Path; readonly extensions: { readonly code: string } }[],
): string | undefined {
  const found = errors.map(({ path = [] }) => path);
  const all = new Set(found.map((path) => path.join(".")));
  const missing = expected.find((path) => !all.has(path.join(".")));
  if (missing) return `no error at ${missing.join(".")}`;
  const nulls = (paths: readonly Path[]): string =>
    [...new Set(paths.map((path) => nullAt(data, path)))].sort().join(" ");
  if (nulls(expected) !== nulls(found)) return `other nulls than ${nulls(expected)}`;
  return errors.every(({ extensions }) => extensions.code === "NOT_NULL_VIOLATED") ? undefined : "another code";
}

/** Where on the path the answer ends with a null. */
function nullAt(data: unknown, path: Path): string {
  let at = data;
  for (const [index, step] of path.entries()) {
    if (at === null) return path.slice(0, index).join(".") || "data";
    at = (at as Record<string | number, unknown>)[step];
  }
  return at === null ? `${path.join(".")} itself` : `no null at ${path.join(".")}`;
}

function different(query: string, variables: Variables, expected: string, found: string): Error {
  let at = 0;
  while (at < expected.length && expected[at] === found[at]) at += 1;
  const around = (text: string): string => text.slice(Math.max(0, at - 200), at + 200);
  return new Error(
    `answers differ at character ${at}\n${query}\n${JSON.stringify(variables)}\nexpected …${around(expected)}…\nfound    …${around(found)}…`,
  );
}

/** Our answer with each cursor read, and float sums of another order of rows taken for equal. */
function likeOracle(ours: unknown, oracle: unknown): unknown {
  if (typeof oracle === "string" && oracle.startsWith(ORACLE_CURSOR) && typeof ours === "string") {
    const list: unknown = JSON.parse(Buffer.from(ours, "base64url").toString("utf8"));
    return Array.isArray(list) ? ORACLE_CURSOR + JSON.stringify(list.slice(1)) : ours;
  }
  if (typeof ours === "number" && typeof oracle === "number" && !Number.isInteger(oracle)) {
    return Math.abs(ours - oracle) <= Math.abs(oracle) * 1e-12 ? oracle : ours;
  }
  if (typeof ours !== "object" || ours === null || typeof oracle !== "object" || oracle === null) return ours;
  if (Array.isArray(ours)) return ours.map((item, index) => likeOracle(item, (oracle as readonly unknown[])[index]));
  return Object.fromEntries(
    Object.entries(ours).map(([key, item]) => [key, likeOracle(item, (oracle as Record<string, unknown>)[key])]),
  );
}

/** Cursors under every object that answers the alias. */
function cursorsBelow(data: unknown, alias: string): readonly string[] {
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) => {
    const edges = key === alias ? (value as { walked?: readonly { cursor: string }[] } | null)?.walked : undefined;
    return [...(edges ?? []).map(({ cursor }) => cursor), ...cursorsBelow(value, alias)];
  });
}
