import { expect, test } from "bun:test";
import { PAUSE_MAX_MS, pauseAfter } from "../../../src/core/jobs/backoff.ts";
import type { Backoff } from "../../../src/core/jobs/job.ts";

const pauses = (backoff: Backoff, attemptsMax: number) =>
  Array.from({ length: attemptsMax }, (_, n) => pauseAfter({ attemptsMax, backoff, jitter: 0 }, n + 1, 0.5));

test("each backoff has its pauses, and none after the last attempt", () => {
  expect(pauses({ kind: "fixed", delayMs: 250 }, 3)).toEqual([250, 250, undefined]);
  expect(pauses({ kind: "linear", delayMs: 100, maxMs: 250 }, 5)).toEqual([100, 200, 250, 250, undefined]);
  expect(pauses({ kind: "exponential", delayMs: 100, factor: 3, maxMs: 2_000 }, 6)).toEqual([
    100,
    300,
    900,
    2_000,
    2_000,
    undefined,
  ]);
  expect(pauses({ kind: "schedule", delaysMs: [5_000, 300_000] }, 4)).toEqual([5_000, 300_000, 300_000, undefined]);
  expect(pauses({ kind: "schedule", delaysMs: [] }, 2)).toEqual([0, undefined]);
});

test("jitter takes away its part of a pause and no more", () => {
  const policy = { attemptsMax: 2, backoff: { kind: "fixed", delayMs: 1_000 }, jitter: 0.25 } as const;
  expect([0, 0.5, 0.999].map((random) => pauseAfter(policy, 1, random))).toEqual([1_000, 875, 750]);
  expect(pauseAfter({ ...policy, jitter: 1 }, 1, 0.5)).toBe(500);
});

test("no pause is longer than the bound, whatever the attempt", () => {
  const backoff = { kind: "exponential", delayMs: 1_000, factor: 10, maxMs: Number.MAX_VALUE } as const;
  expect(pauseAfter({ attemptsMax: 1_000, backoff, jitter: 0 }, 900, 0)).toBe(PAUSE_MAX_MS);
});
