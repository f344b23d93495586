/** What every `BreakerStore` has to do. The clock is the test's, so nothing waits. */
import { strict as assert } from "node:assert";
import type { BreakerPolicy } from "../../src/core/breakers/breaker.ts";
import type { BreakerStore } from "../../src/ports/breaker-store.ts";

export type BreakerWorld = {
  /** Another worker's view of the same breakers. */
  open(): BreakerStore;
  /** Lets time pass, in milliseconds. */
  advance(milliseconds: number): void;
  now(): number;
};

export const POLICY: BreakerPolicy = { failuresMax: 3, openMs: 30_000, openMaxMs: 100_000, probeMs: 60_000 };

const KEY = { org: "acme", endpoint: "https://hooks.example" };

async function fail(store: BreakerStore, times: number, key = KEY, token = "t"): Promise<void> {
  for (let n = 0; n < times; n += 1) await store.failed(key, token, `fault ${n}`);
}

/** Promises by their sentences; each is kept where there are no breakers yet. */
export const BREAKER_STORE_CONTRACT: Readonly<Record<string, (world: BreakerWorld) => Promise<void>>> = {
  "a receiver of which nothing is known is called": async ({ open }) => {
    assert.deepEqual(await open().enter(KEY, "a"), { kind: "closed", failures: 0 });
    assert.deepEqual(await open().list({ limit: 10 }), []);
  },

  "it opens after so many failures in a row, for all workers": async ({ open }) => {
    await fail(open(), 2);
    assert.deepEqual(await open().enter(KEY, "a"), { kind: "closed", failures: 2 });
    await fail(open(), 1);
    assert.deepEqual(await open().enter(KEY, "a"), { kind: "open", retryAfterMs: 30_000 });
  },

  "a success between failures begins anew": async ({ open }) => {
    const store = open();
    await fail(store, 2);
    await store.succeeded(KEY);
    await fail(store, 2);
    assert.deepEqual(await store.enter(KEY, "a"), { kind: "closed", failures: 2 });
  },

  "other orgs and other endpoints are not held back": async ({ open }) => {
    const store = open();
    await fail(store, 3);
    const others = [
      { ...KEY, org: "other" },
      { ...KEY, org: "" },
      { ...KEY, endpoint: "https://other.example" },
      { org: 'ac","me', endpoint: "x\n y 'z" },
    ];
    for (const key of others) assert.deepEqual(await store.enter(key, "a"), { kind: "closed", failures: 0 });
    await fail(store, 3, others[3]);
    assert.equal((await store.enter(others[3] ?? KEY, "a")).kind, "open");
  },

  "it says how long it is still open": async ({ open, advance }) => {
    await fail(open(), 3);
    advance(12_345);
    assert.deepEqual(await open().enter(KEY, "a"), { kind: "open", retryAfterMs: 17_655 });
  },

  "when its time is over one attempt probes, whoever else asks": async ({ open, advance }) => {
    const [one, other] = [open(), open()];
    await fail(one, 3);
    advance(30_000);
    const passes = await Promise.all(["a", "b", "c", "d"].map((token, n) => (n % 2 ? one : other).enter(KEY, token)));
    assert.equal(passes.filter(({ kind }) => kind === "probe").length, 1);
    const kept = passes.flatMap((pass) => (pass.kind === "open" ? [pass.retryAfterMs] : []));
    assert.equal(kept.length, 3);
    for (const pause of kept) assert(pause > 0 && pause <= 30_000, `${pause}`);
  },

  "the probe that asks again, since its answer was lost, is still the probe": async ({ open, advance }) => {
    await fail(open(), 3);
    advance(30_000);
    assert.deepEqual(await open().enter(KEY, "a"), { kind: "probe" });
    assert.deepEqual(await open().enter(KEY, "a"), { kind: "probe" });
  },

  "a probe that works closes it": async ({ open, advance }) => {
    const store = open();
    await fail(store, 3);
    advance(30_000);
    await store.enter(KEY, "a");
    await store.succeeded(KEY);
    assert.deepEqual(await open().enter(KEY, "b"), { kind: "closed", failures: 0 });
    assert.deepEqual(await store.list({ limit: 10 }), []);
  },

  "a probe that fails opens it for twice as long, up to a bound": async ({ open, advance }) => {
    const store = open();
    await fail(store, 3);
    for (const pause of [30_000, 60_000, 100_000, 100_000]) {
      assert.deepEqual(await store.enter(KEY, "b"), { kind: "open", retryAfterMs: pause });
      advance(pause);
      assert.deepEqual(await store.enter(KEY, "a"), { kind: "probe" });
      await store.failed(KEY, "a", "still away");
    }
    await store.succeeded(KEY);
    await fail(store, 3);
    assert.deepEqual(await store.enter(KEY, "b"), { kind: "open", retryAfterMs: 30_000 });
  },

  "attempts that were under way when it opened keep it open for no longer": async ({ open, advance }) => {
    const store = open();
    await fail(store, 3);
    advance(10_000);
    await fail(store, 5, KEY, "late");
    assert.deepEqual(await store.enter(KEY, "a"), { kind: "open", retryAfterMs: 20_000 });
    advance(20_000);
    assert.deepEqual(await store.enter(KEY, "a"), { kind: "probe" });
    await fail(store, 1, KEY, "late");
    assert.deepEqual(await store.enter(KEY, "a"), { kind: "probe" });
  },

  "a probe of which nothing is heard is lost, and another is made": async ({ open, advance }) => {
    const store = open();
    await fail(store, 3);
    advance(30_000);
    await store.enter(KEY, "a");
    advance(59_999);
    assert.equal((await store.enter(KEY, "b")).kind, "open");
    advance(1);
    assert.deepEqual(await store.enter(KEY, "b"), { kind: "probe" });
  },

  "the list says what is known of each, the last changed first": async ({ open, advance, now }) => {
    const store = open();
    const other = { org: "other", endpoint: "smtp://mail.example" };
    await fail(store, 3);
    const openUntil = now() + 30_000;
    advance(1_000);
    await store.failed(other, "t", `line\n${"é".repeat(300)}`);
    const first = { ...other, state: "closed", failures: 1, openings: 0, reason: `line\n${"é".repeat(195)}` } as const;
    const second = { ...KEY, state: "open", failures: 3, openings: 1, openUntil, reason: "fault 2" } as const;
    const [firstAt, secondAt] = [{ changedAt: now() }, { changedAt: now() - 1_000 }];
    assert.deepEqual(await open().list({ limit: 10 }), [
      { ...first, ...firstAt },
      { ...second, ...secondAt },
    ]);
    assert.deepEqual(await store.list({ org: "acme", limit: 10 }), [{ ...second, ...secondAt }]);
    assert.deepEqual(await store.list({ limit: 1 }), [{ ...first, ...firstAt }]);
    advance(29_000);
    assert.equal((await store.list({ org: "acme", limit: 1 }))[0]?.state, "half-open");
  },
};
