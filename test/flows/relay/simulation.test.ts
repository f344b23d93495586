/**
 * Thousands of histories under a simulated clock, each from a seed: writers that commit out of order or not at all, relays
 * that crash, freeze and lose their lease, answers that are lost, a bus that loses its end or all of itself, a database that
 * becomes an earlier copy of itself.
 *
 * `FRAISEQL_TEST_SEED=4711` runs one history, `FRAISEQL_TEST_SEEDS=100000` more of them.
 */
import { expect, test } from "bun:test";
import { type History, simulate } from "./simulation.ts";

const ONE = process.env["FRAISEQL_TEST_SEED"];
const COUNT = Number(process.env["FRAISEQL_TEST_SEEDS"] ?? 10_000);
const SEEDS = ONE === undefined ? Array.from({ length: COUNT }, (_, seed) => seed) : [Number(ONE)];

const problemsOf = ({ lost, inverted, doubled, lostByBus, moved }: History) => ({
  lost,
  inverted,
  // A bus that lost messages has lost the memory of them too, and a copy gives an id of its own to what it does not know to be published.
  doubled: lostByBus || moved ? [] : doubled,
});
const NONE = { lost: [], inverted: [], doubled: [] };

test("nothing is lost, inverted or doubled in any history", async () => {
  const seen = new Set<string>();
  let committed = 0;
  for (const seed of SEEDS) {
    const history = await simulate(seed);
    committed += history.committed;
    for (const what of history.seen) seen.add(what);
    expect({ seed, ...problemsOf(history) }).toEqual({ seed, ...NONE });
  }
  if (ONE !== undefined) return;
  expect(committed).toBeGreaterThan(SEEDS.length * 10);
  const happened = [
    "crash",
    "freeze",
    "end lost",
    "all lost",
    "moved",
    "lease-lost",
    "part-failed",
    "bus-refilled",
    "events-published",
  ];
  expect([...seen]).toEqual(expect.arrayContaining(happened));
}, 120_000);

test("the same seed is the same history", async () => {
  expect(await simulate(17)).toEqual(await simulate(17));
});

test("a barrier at the snapshot's upper bound loses rows: it knows only transactions that have ended", async () => {
  let lost = 0;
  for (let seed = 0; seed < 500 && lost === 0; seed += 1) {
    const { lost: rows } = await simulate(seed * 2, { barrierOf: (_, upper) => upper - 1n });
    lost += rows.length;
  }
  expect(lost).toBeGreaterThan(0);
}, 30_000);
