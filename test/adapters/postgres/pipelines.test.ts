/** Pipelines over a pool of connections that answer by the press of a button. */
import { expect, test } from "bun:test";
import { createCallerWatch } from "../../../src/adapters/postgres/connection/caller-watch.ts";
import type { Connection, Order } from "../../../src/adapters/postgres/connection/connection.ts";
import { createPool } from "../../../src/adapters/postgres/connection/pool.ts";
import { createSilenceWatch } from "../../../src/adapters/postgres/connection/silence-watch.ts";
import { createPipelines } from "../../../src/adapters/postgres/pipelines.ts";

const INSERT = { text: "insert", values: [] };

/** Answers each statement at the next turn of the event loop, until it is lost. */
function connection(onClosed: () => void) {
  let isLost = false;
  const answer = ({ done }: Order) => (isLost ? done(undefined, new Error("lost"), false) : done([["written"]]));
  return {
    ran: [] as string[],
    run(orders: readonly Order[]) {
      this.ran.push(...orders.map(({ statement }) => statement.text));
      setImmediate(() => orders.forEach(answer));
    },
    destroy() {
      if (isLost) return;
      isLost = true;
      onClosed();
    },
  };
}

function opened(connectionsMax: number) {
  const settings = { connectionsMax, waitersMax: 10, waitMs: 10_000, callers: createCallerWatch() };
  const pool = createPool(settings, (onClosed) => connection(onClosed) as unknown as Connection);
  const watch = createSilenceWatch(1_000);
  const pipelines = createPipelines({ pool, watch, now: () => performance.now(), limitMs: 50 }, settings);
  return { pool, pipelines };
}

test("a connection that is lost while it is handed over leaves nobody waiting", async () => {
  const { pool, pipelines } = opened(2);
  const [first, second] = [pool.take()!, pool.take()!];
  const written = pipelines.run(INSERT, [], undefined);
  while (pool.waiting() === 0) await new Promise<void>((turn) => setImmediate(turn));
  const other = pool.wait();
  pool.giveBack(first);
  first.connection.destroy(new Error("57P01"));
  pool.giveBack(await other);
  pool.giveBack(second);
  expect((await written).rows).toEqual([["written"]]);
  pipelines.close();
});

test("who is about to wait for a connection gets one on which nothing runs, with the limits it began with", async () => {
  const { pool, pipelines } = opened(2);
  const held = pool.take()!;
  await pipelines.run(INSERT, [], undefined);
  expect(pool.hasFree()).toBe(false);
  const free = pool.wait();
  pipelines.makeRoom();
  const { ran } = (await free).connection as unknown as { ran: string[] };
  expect(ran).toEqual([expect.stringContaining("statement_timeout"), "insert", "reset all"]);
  pool.giveBack(held);
  pipelines.close();
});
