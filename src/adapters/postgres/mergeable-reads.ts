/** Reads that may be merged: each for itself while connections are what they need, together where they would only take turns. */
import { leastRecentlyUsed } from "../../core/recent-map.ts";
import type { Caller, Statement } from "../../ports/database.ts";
import type { CallerWatch } from "./connection/caller-watch.ts";
import type { Connection, Rows } from "./connection/connection.ts";
import { cancelled } from "./connection/error.ts";
import type { Lease, Pool } from "./connection/pool.ts";
import { answerAt, createMergedReads } from "./merged-reads.ts";
import { createPace, type Pace } from "./pace.ts";

type Parts = {
  readonly pool: Pool<Connection>;
  readonly callers: CallerWatch;
  readonly runOn: (lease: Lease<Connection>, statement: Statement, caller: Caller | undefined) => Promise<Rows>;
  /** Point reads that are not quick are merged when so many callers wait for a connection. */
  readonly mergeFrom: number;
  /** Milliseconds, by which statements are quick or slow. */
  readonly now: () => number;
};

export type MergeableReads = {
  read(statement: Statement, merged: string, caller: Caller | undefined): Promise<string | Uint8Array>;
};

/** Texts whose pace is kept. */
const PACES_MAX = 1_000;
/** Groups of one text that may wait for a place; who comes then asks the pool, whose queue has a bound of its own. */
const GROUPS_MAX = 16;

/** Reads that may share a statement with others of the same text, where that is quicker for all. */
export function createMergeableReads({ pool, callers, runOn, mergeFrom, now }: Parts): MergeableReads {
  const paces = leastRecentlyUsed<string, Pace>(PACES_MAX);
  const paceOf = (text: string): Pace => {
    const known = paces.get(text);
    if (known) return known;
    const made = createPace();
    paces.set(text, made);
    return made;
  };
  const timed = (pace: Pace, reads: number, run: Promise<Rows>): Promise<Rows> => {
    const begun = now();
    return run.then(
      (rows) => {
        pace.leave(now() - begun, reads);
        return rows;
      },
      (error) => {
        pace.leave(0, 0);
        throw error;
      },
    );
  };
  /** @param pace - has been entered */
  const alone = async (pace: Pace, statement: Statement, caller: Caller | undefined): Promise<string | Uint8Array> => {
    const lease = pool.take() ?? (await pool.wait(caller).catch(leaving(pace)));
    return answerAt(await timed(pace, 1, runOn(lease, statement, caller)), 0);
  };
  const merged = createMergedReads(async (text, close, caller) => {
    const pace = paceOf(text);
    if (!pace.isQuick()) pace.enterAnyway();
    else if (!pace.enter()) await pace.next();
    const lease = pool.take() ?? (await pool.wait(caller).catch(leaving(pace)));
    const closed = close();
    if (closed) return timed(pace, closed.reads, runOn(lease, closed.statement, caller));
    pool.giveBack(lease);
    return leaving(pace)(cancelled());
  }, callers);
  return {
    read(statement, text, caller) {
      const pace = paceOf(statement.text);
      if (pace.isQuick()) {
        if (pace.enter()) return alone(pace, statement, caller);
        if (pace.waiting() < GROUPS_MAX) return merged.read(statement, text, caller);
      } else if (!statement.mergesIfQuick && !pool.hasFree() && merged.size() + pool.waiting() >= mergeFrom) {
        return merged.read(statement, text, caller);
      }
      pace.enterAnyway();
      return alone(pace, statement, caller);
    },
  };
}

/** For a run that comes to nothing. */
function leaving(pace: Pace): (error: unknown) => never {
  return (error) => {
    pace.leave(0, 0);
    throw error;
  };
}
