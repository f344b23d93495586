/** Writes of one statement: each on a connection of its own, unless so many quick ones come that they only take turns. */
import { leastRecentlyUsed } from "../../core/recent-map.ts";
import type { Caller, Statement } from "../../ports/database.ts";
import type { WriteContext } from "../../ports/database-writer.ts";
import type { Connection, Rows } from "./connection/connection.ts";
import type { Lease, Pool } from "./connection/pool.ts";
import { ServerError } from "./connection/wire-reader.ts";
import type { LeasedRuns } from "./leased-runs.ts";
import { createMeanTime, type MeanTime } from "./mean-time.ts";
import type { Pipelines } from "./pipelines.ts";
import { contextOf } from "./write-context.ts";

export type CrowdedWrites = {
  run(statement: Statement, context: WriteContext, caller: Caller | undefined): Promise<Rows>;
};

type Write = {
  readonly statement: Statement;
  readonly context: WriteContext;
  readonly caller: Caller | undefined;
  /** Of its text. */
  readonly time: MeanTime;
  readonly isQuick: boolean;
};

type Parts = {
  readonly pool: Pool<Connection>;
  /** For a connection, where `take` gives none. */
  readonly wait: Pool<Connection>["wait"];
  /** Of statements whose transaction ends with them. */
  readonly ending: LeasedRuns;
  readonly pipelines: Pipelines;
  readonly failureOf: (error: unknown, statement: Statement, wasSent: boolean) => unknown;
  /** Milliseconds from any beginning. */
  readonly now: () => number;
};

/** Texts whose time is kept. */
const TEXTS_MAX = 1_000;
/** From where the way to the server weighs more than the work, connections are what a crowd needs. */
const QUICK_MS = 4;
/** Runs before anything is believed. */
const RUNS_MIN = 20;
/** query_canceled, and lock_not_available: of what took too long for a pipeline. It is rolled back, and run again alone. */
const GIVEN_UP: ReadonlySet<string> = new Set(["57014", "55P03"]);

/**
 * The first few run alone, so that nobody waits for company. In a crowd of quick ones PostgreSQL and this process spend more
 * on being woken up than on the work; then they share connections, and with them each wake-up.
 */
export function createCrowdedWrites(parts: Parts): CrowdedWrites {
  const { pool, wait, ending, pipelines, failureOf, now } = parts;
  const times = leastRecentlyUsed<string, MeanTime>(TEXTS_MAX);
  let quickAlone = 0;
  const timeOf = (text: string): MeanTime => {
    const known = times.get(text);
    if (known) return known;
    const made = createMeanTime();
    times.set(text, made);
    return made;
  };
  const quickEnded = (isQuick: boolean): void => {
    if (isQuick) quickAlone -= 1;
  };
  const on = (lease: Lease<Connection>, write: Write): Promise<Rows> => {
    const { statement, context, caller, time, isQuick } = write;
    const begun = now();
    return ending.run(lease, { statement, form: "bytes", caller, before: contextOf(context) }).then(
      (rows) => {
        time.add(now() - begun);
        quickEnded(isQuick);
        return rows;
      },
      (error) => {
        quickEnded(isQuick);
        throw error;
      },
    );
  };
  const alone = (write: Write): Promise<Rows> => {
    if (write.isQuick) quickAlone += 1;
    const lease = pool.take();
    if (lease) return on(lease, write);
    return wait(write.caller).then(
      (free) => on(free, write),
      (error) => {
        quickEnded(write.isQuick);
        throw error;
      },
    );
  };
  const together = async (write: Write): Promise<Rows> => {
    const { statement, context, caller, time } = write;
    const { rows, error, wasSent, took } = await pipelines.run(statement, contextOf(context), caller);
    time.add(took);
    if (rows) return rows;
    const isTooLong = error instanceof ServerError && GIVEN_UP.has(error.sqlstate);
    if (!isTooLong) throw failureOf(error, statement, wasSent);
    return alone(write);
  };
  return {
    run(statement, context, caller) {
      const time = timeOf(statement.text);
      const isQuick = time.count() >= RUNS_MIN && time.value() <= QUICK_MS;
      const write = { statement, context, caller, time, isQuick };
      return isQuick && pipelines.accept(quickAlone) ? together(write) : alone(write);
    },
  };
}
