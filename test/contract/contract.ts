/**
 * What every adapter of a port has to do, as functions that need no test runner: the same ones run in `bun test` and, by
 * `deno-probe.ts`, on Deno.
 */
import { strict as assert } from "node:assert";
import { FraiseqlError } from "../../src/core/errors.ts";

type Closable = { close(): Promise<void> };

/** Opens the adapter on a database. What a promise opens is closed after it. */
export type Open<Port> = (url: string) => Port;

/** Promises by their sentences; each throws where it is broken. `url` is a superuser's, of an empty database. */
export type Contract<Port extends Closable> = Readonly<
  Record<string, (open: Open<Port>, url: string) => Promise<void>>
>;

export async function keep<Port extends Closable>(
  promise: Contract<Port>[string],
  open: Open<Port>,
  url: string,
): Promise<void> {
  const opened: Port[] = [];
  try {
    await promise((of) => {
      const port = open(of);
      opened.push(port);
      return port;
    }, url);
  } finally {
    for (const port of opened) await port.close();
  }
}

/** A statement with its values, all of them text. */
export const select = (text: string, ...values: (string | null)[]) => ({ text, values });

/** The error of what has to fail: one with a code, whose message shows nothing of the statement. */
export async function refusal(work: Promise<unknown>): Promise<FraiseqlError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert(error instanceof FraiseqlError, `expected a FraiseqlError, got ${String(error)}`);
  assert.doesNotMatch(error.message, /select|generate_series|pg_sleep/i);
  return error;
}

/** Statements that fail, and the code each has to have in every port. */
export const FAILURES = [
  { statement: select("select (1 / 0)::text"), code: "DATABASE_ERROR" },
  { statement: select("select $1::int::text", "one"), code: "BAD_USER_INPUT" },
  { statement: select("select no_such_column"), code: "ARTIFACT_MISMATCH" },
  { statement: select("select 'fraiseql:PAGE_LIMIT:Query.notes'::text::int::text"), code: "PAGE_LIMIT" },
  { statement: select("select 'fraiseql:NOT_NULL_VIOLATED:Note.body'::text::int::text"), code: "NOT_NULL_VIOLATED" },
] as const;

const LOOKS_MAX = 20_000;

/**
 * Resolves when `look` gave true so many times in a row; each look is a round trip to the server, so nothing spins.
 */
export async function seen(what: string, look: () => Promise<boolean>, timesInARow = 1): Promise<void> {
  let times = 0;
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    times = (await look()) ? times + 1 : 0;
    if (times === timesInARow) return;
  }
  assert.fail(`${what}: not seen in ${LOOKS_MAX} looks`);
}
