/** The `DatabaseWriter` port over PostgreSQL: a pool of its own, whose sessions may write. */
import { FraiseqlError } from "../../core/errors.ts";
import { DEFAULT_LIMITS } from "../../core/limits.ts";
import type { Caller, Statement } from "../../ports/database.ts";
import type { DatabaseWriter, WriteContext, WriteStep } from "../../ports/database-writer.ts";
import { createCommitPokes, POKE } from "./commit-pokes.ts";
import { createCallerWatch } from "./connection/caller-watch.ts";
import { Connection } from "./connection/connection.ts";
import { asFraiseqlError, isStale } from "./connection/error.ts";
import { createPool, type Lease } from "./connection/pool.ts";
import { connectionSettings } from "./connection/settings.ts";
import { createSilenceWatch } from "./connection/silence-watch.ts";
import { ServerError } from "./connection/wire-reader.ts";
import { constraintError } from "./constraint-error.ts";
import { createCrowdedWrites } from "./crowded-writes.ts";
import type { DatabaseOptions } from "./database.ts";
import { createLeasedRuns } from "./leased-runs.ts";
import { createPipelines } from "./pipelines.ts";
import { contextOf } from "./write-context.ts";

const BEGIN: Statement = { text: "begin", values: [] };
const COMMIT: Statement = { text: "commit", values: [] };
const ROLLBACK: Statement = { text: "rollback", values: [] };
/** What a statement may take where others wait behind it; it is run alone when it takes longer. */
const PIPELINED_MS = 50;

/**
 * Opens nothing yet: connections are made on demand, up to `connectionsMax`.
 *
 * A single statement goes out together with its context and the end of its transaction, in one round trip, and a crowd of
 * quick ones one behind the other. After a commit the relay is told, if there is one.
 *
 * @throws FraiseqlError CONFIG_INVALID for a URL that is none
 */
export function openDatabaseWriter(options: Omit<DatabaseOptions, "mergeFrom">): DatabaseWriter {
  const statementTimeoutMs = options.statementTimeoutMs ?? DEFAULT_LIMITS.statementTimeoutMs;
  const settings = {
    ...connectionSettings(options, statementTimeoutMs, "write"),
    messageBytesMax: options.responseBytesMax ?? DEFAULT_LIMITS.responseBytesMax,
    passesLongMessages: true,
  };
  const { connectionsMax = 5, waitersMax = 1_000, waitMs = 10_000, now = () => performance.now() } = options;
  const callers = createCallerWatch();
  const poolSettings = { connectionsMax, waitersMax, waitMs, callers };
  const pool = createPool(poolSettings, (onClosed) => new Connection(settings, onClosed));
  const watch = createSilenceWatch(statementTimeoutMs);
  /** Of a statement whose transaction ends with it. */
  const ending = createLeasedRuns({ pool, callers, watch, failureOf: endFailure });
  const inside = createLeasedRuns({ pool, callers, watch, failureOf: stepFailure });
  const limitMs = Math.min(PIPELINED_MS, statementTimeoutMs);
  const pipelines = createPipelines({ pool, watch, now, limitMs }, poolSettings);
  const wait = (caller: Caller | undefined) => {
    pipelines.makeRoom();
    return pool.wait(caller);
  };
  const writes = createCrowdedWrites({ pool, wait, ending, pipelines, failureOf: endFailure, now });

  const pokes = createCommitPokes(async () => {
    const lease = pool.take();
    if (lease === undefined) return undefined;
    return (await ending.run(lease, { statement: POKE, form: "text" })).length > 0;
  });

  /** What `work` says, or how it failed; then nothing is left open on the connection. */
  const attempt = async <T>(lease: Lease<Connection>, context: WriteContext, work: Work<T>, caller?: Caller) => {
    let before: readonly Statement[] = [BEGIN, ...contextOf(context)];
    const step: WriteStep = async (statement) => {
      const first = before;
      before = [];
      const rows = await inside.run(lease, { statement, form: "text", caller, before: first, holds: true });
      return rows as readonly (readonly (string | null)[])[];
    };
    try {
      return { ...(await work(step)), hasBegun: before.length === 0 };
    } catch (error) {
      await abandon(lease);
      return { error };
    }
  };

  return {
    write: (statement, context, caller) =>
      writes.run(statement, context, caller).then((rows) => {
        pokes.committed();
        return rows[0]?.[0] ?? null;
      }),
    transaction: async (context, work, caller) => {
      for (let isSecond = false; ; isSecond = true) {
        const lease = pool.take() ?? (await wait(caller));
        const outcome = await attempt(lease, context, work, caller);
        if ("error" in outcome) {
          if (isSecond || !isStaleCause(outcome.error)) throw outcome.error;
          continue;
        }
        if (outcome.hasBegun) await ending.run(lease, { statement: outcome.commit ? COMMIT : ROLLBACK, form: "text" });
        else pool.giveBack(lease);
        if (outcome.hasBegun && outcome.commit) pokes.committed();
        return outcome.value;
      }
    },
    close: async () => {
      pokes.close();
      pipelines.close();
      watch.close();
      callers.close();
      pool.close();
    },
  };

  async function abandon(lease: Lease<Connection>): Promise<void> {
    if (lease.gone) return;
    // Its caller has left a statement that still runs: the transaction goes with the connection.
    if (lease.connection.isRunning) pool.drop(lease);
    else if (lease.connection.isIdle) pool.giveBack(lease);
    else await ending.run(lease, { statement: ROLLBACK, form: "text" }).catch(() => pool.drop(lease));
  }
}

type Work<T> = (step: WriteStep) => Promise<{ readonly commit: boolean; readonly value: T }>;

const isStaleCause = (error: unknown): boolean =>
  error instanceof FraiseqlError && error.cause instanceof ServerError && isStale(error.cause);

const LOOK = "look whether it happened before you try again.";
const CONNECTION_LOST = `The connection was lost while the change was being committed; ${LOOK}`;
const ANSWER_TOO_LONG = `The answer to the change is longer than an answer may be; ${LOOK}`;

/**
 * An error has rolled back. What ends the session comes before the end of the transaction, but after a COMMIT that was sent as
 * such: that it waits for. A PANIC may come in the middle of it.
 */
const isCertain = ({ severity }: ServerError, statement: Statement): boolean =>
  severity === "ERROR" || (severity === "FATAL" && statement !== COMMIT);

/** Where the server says nothing certain any more, only a transaction that had not ended is. */
function endFailure(error: unknown, statement: Statement, wasSent: boolean): unknown {
  const isKnown = error instanceof ServerError && isCertain(error, statement);
  if (isKnown || !wasSent) return stepFailure(error, statement);
  const isTooLong = error instanceof FraiseqlError && error.code === "RESPONSE_LIMIT";
  return new FraiseqlError("OUTCOME_UNKNOWN", isTooLong ? ANSWER_TOO_LONG : CONNECTION_LOST, { cause: error });
}

function stepFailure(error: unknown, statement: Statement): unknown {
  return (error instanceof ServerError && constraintError(error)) || asFraiseqlError(error, statement);
}
