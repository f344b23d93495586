import { expect, test } from "bun:test";
import { pruneLedger } from "../../src/flows/jobs/prune-ledger.ts";
import type { Leases } from "../../src/ports/leases.ts";
import { SimulatedTime } from "./relay/simulated-time.ts";

const DAY_MS = 86_400_000;

/** One lease, and a ledger in which `left` rows are old enough to be forgotten. */
function world(left: number) {
  const time = new SimulatedTime(() => 0);
  let holder = "";
  const leases: Leases = {
    take: async (name, who) => {
      if (holder !== "" && holder !== who) return undefined;
      holder = who;
      return { name, holder: who, fence: 1 };
    },
    renew: async () => true,
    release: async () => {
      holder = "";
    },
    count: async () => 0,
  };
  const calls: { readonly by: string; readonly at: number; readonly before: number; readonly count: number }[] = [];
  const ledgerOf = (by: string) => ({
    prune: async (before: number, limit: number) => {
      const count = Math.min(left, limit);
      left -= count;
      calls.push({ by, at: time.now(), before, count });
      return count;
    },
  });
  const start = (by: string, signal: AbortSignal) =>
    pruneLedger(
      { leases, wait: time, observe: () => {}, ledger: ledgerOf(by) },
      { holder: by, retentionMs: DAY_MS, signal },
    );
  return { time, calls, start };
}

test("what is older than the retention goes page by page without a pause, then once a minute", async () => {
  const { time, calls, start } = world(2_500);
  const over = new AbortController();
  const running = start("a", over.signal);
  await time.runUntil(0);
  expect(calls.map(({ count }) => count)).toEqual([1_000, 1_000, 500]);
  expect(calls.every(({ at, before }) => at === 0 && before === -DAY_MS)).toBe(true);
  await time.runUntil(59_999);
  expect(calls).toHaveLength(3);
  await time.runUntil(60_000);
  expect(calls.slice(3)).toEqual([{ by: "a", at: 60_000, before: 60_000 - DAY_MS, count: 0 }]);
  over.abort();
  await running;
});

test("of many processes one prunes, and another goes on when that one stopped", async () => {
  const { time, calls, start } = world(0);
  const [first, second] = [new AbortController(), new AbortController()];
  const running = [start("a", first.signal), start("b", second.signal)];
  await time.runUntil(125_000);
  expect(new Set(calls.map(({ by }) => by))).toEqual(new Set(["a"]));
  first.abort();
  await time.runUntil(140_000);
  expect(calls.at(-1)?.by).toBe("b");
  second.abort();
  await Promise.all(running);
});
