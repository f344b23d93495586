/** Results one after the other as one: while one is read, another connection sends the next. */
import { FraiseqlError } from "../../../core/errors.ts";
import type { BulkResult, InOrderOptions } from "../../../ports/bulk-reader.ts";
import type { Statement } from "../../../ports/database.ts";
import type { Lease } from "../connection/pool.ts";
import type { BulkConnection } from "./bulk-connection.ts";
import type { Run, RunnerParts } from "./bulk-result.ts";
import { joinSnapshot, shareSnapshot } from "./shared-snapshot.ts";
import type { Prepare } from "./together.ts";
import { createTurns } from "./turns.ts";

export type InOrderParts = Pick<RunnerParts, "pool" | "open"> & {
  readonly prepare: Prepare;
  readonly run: Run;
  /** For all of the results, the time in which nobody read them included. */
  readonly timeoutMs: number;
};

type OneLease = Lease<BulkConnection>;

/** So much is read before another connection joins: the first rows shall not wait for it, and a short result needs none. */
const ALONE_BYTES = 524_288;

/**
 * One connection begins and another joins it. Each takes the next statement when its last one was read; what it has ready waits
 * in its socket until then, so that little is held here.
 */
export async function openInOrder(
  { pool, open, prepare, run, timeoutMs }: InOrderParts,
  first: OneLease,
  statements: readonly Statement[],
  { relations, signal }: InOrderOptions,
): Promise<BulkResult> {
  const lifetime = startLifetime(signal, timeoutMs);
  const turns = createTurns(statements, (lease: OneLease, statement) =>
    run(lease, statement, lifetime, { transaction: "goes on" }),
  );
  let joining: Promise<void> | undefined;
  let bytes = 0;

  const close = async (): Promise<void> => {
    if (!lifetime.end()) return;
    open.delete(close);
    await turns.close();
    lifetime.stop();
    await joining;
    for (let lease = turns.idle(); lease; lease = turns.idle()) pool.drop(lease);
  };
  const orClose = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      await close();
      throw lifetime.isLate() ? tooSlow(error) : error;
    }
  };
  const finish = async (): Promise<void> => {
    await joining;
    for (let lease = turns.idle(); lease; lease = turns.idle()) {
      await prepare(lease, lifetime.signal, (connection) => connection.commit());
      pool.giveBack(lease);
    }
    lifetime.end();
    open.delete(close);
  };

  lifetime.signal.addEventListener("abort", () => void close(), { once: true });
  open.add(close);
  const shared = await orClose(prepare(first, lifetime.signal, (connection) => shareSnapshot(connection, relations)));
  const join = async (): Promise<void> => {
    // Nobody shall wait for a connection that another could do without.
    const second = pool.take(1);
    if (!second) return;
    await prepare(second, lifetime.signal, (connection) => joinSnapshot(connection, shared));
    turns.begin(second);
  };
  turns.begin(first);
  const { columns } = await orClose(turns.current() as Promise<BulkResult>);
  return {
    columns,
    async read() {
      for (let result = turns.current(); result; result = turns.next()) {
        const rows = await orClose(result.then((each) => each.read()));
        bytes += rows?.length ?? 0;
        // One that cannot join was given up; the first reads on alone.
        if (bytes >= ALONE_BYTES) joining ??= join().catch(() => undefined);
        if (rows) return rows;
      }
      await orClose(finish());
      return undefined;
    },
    close,
  };
}

type Lifetime = {
  /** Aborts when the caller leaves, when the time is over, or with `stop`. */
  readonly signal: AbortSignal;
  stop(): void;
  /** False where it had ended before. */
  end(): boolean;
  /** Whether it was the time that ended it. */
  isLate(): boolean;
};

function startLifetime(caller: AbortSignal | undefined, timeoutMs: number): Lifetime {
  const own = new AbortController();
  let [isOver, isLate] = [false, false];
  const stop = (): void => own.abort();
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, timeoutMs);
  caller?.addEventListener("abort", stop, { once: true });
  if (caller?.aborted) stop();
  return {
    signal: own.signal,
    stop,
    end() {
      if (isOver) return false;
      isOver = true;
      clearTimeout(timer);
      caller?.removeEventListener("abort", stop);
      return true;
    },
    isLate: () => isLate,
  };
}

function tooSlow(cause: unknown): FraiseqlError {
  return new FraiseqlError("STATEMENT_TIMEOUT", "The statement ran longer than the limit; ask for less.", { cause });
}
