import { beforeEach, describe, expect, test } from "bun:test";
import { createMemoryBreakers } from "../../src/adapters/memory/breakers/memory-breakers.ts";
import type { Observation } from "../../src/core/observation.ts";
import { behindBreaker } from "../../src/flows/jobs/behind-breaker.ts";
import type { Action, ActionOutcome } from "../../src/ports/action.ts";
import type { BreakerStore } from "../../src/ports/breaker-store.ts";
import { actionInput, CITY_EVENT } from "../support/change-event.ts";

const POLICY = { failuresMax: 2, openMs: 30_000, openMaxMs: 60_000, probeMs: 60_000 };
const DONE: ActionOutcome = { kind: "done", facts: {} };
const AWAY: ActionOutcome = { kind: "retryable", reason: "away", facts: {} };

let time: number;
let called: number;
let asked: number;
let outcome: ActionOutcome | Error;
let observed: Observation[];
let store: BreakerStore;

beforeEach(() => {
  [time, called, asked, outcome, observed] = [1_800_000_000_000, 0, 0, DONE, []];
  const memory = createMemoryBreakers({ policy: POLICY, now: () => time });
  const counted =
    <Args extends unknown[], Result>(step: (...args: Args) => Result) =>
    (...args: Args) => {
      asked += 1;
      return step(...args);
    };
  store = {
    ...memory,
    enter: counted(memory.enter),
    succeeded: counted(memory.succeeded),
    failed: counted(memory.failed),
  };
});

const plain: Action = {
  kind: "plain",
  templates: {},
  schema: {},
  check: () => [],
  endpoint: ({ to }) => (typeof to === "string" ? to : undefined),
  run: async () => {
    called += 1;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  },
};
const worker = (breakers = store) =>
  behindBreaker(plain, {
    breakers,
    wait: { now: () => time, random: () => 0.5 },
    observe: (one) => observed.push(one),
  });
const attempt = (action: Action, to: string | null = "a", org = "acme") =>
  action.run(actionInput({ to }, { event: { ...CITY_EVENT, org } }));

test("a receiver that is well costs one look per second, and nothing else", async () => {
  const action = worker();
  for (let n = 0; n < 100; n += 1) await attempt(action);
  expect([called, asked]).toEqual([100, 1]);
  time += 1_000;
  await attempt(action);
  expect([called, asked]).toEqual([101, 2]);
});

test("after failures in a row attempts are put off, of other workers too, until a probe works", async () => {
  const [one, other] = [worker(), worker()];
  outcome = AWAY;
  expect([(await attempt(one)).kind, (await attempt(other)).kind]).toEqual(["retryable", "retryable"]);
  for (const action of [one, other]) {
    expect(await attempt(action)).toEqual({
      kind: "deferred",
      reason: "a is not called: it failed again and again.",
      retryAfterMs: 33_750,
    });
  }
  expect(called).toBe(2);
  time += 30_000;
  outcome = DONE;
  expect((await attempt(one)).kind).toBe("done");
  expect((await attempt(other)).kind).toBe("done");
});

test("while a probe is under way, nobody else is sent", async () => {
  outcome = AWAY;
  await attempt(worker());
  await attempt(worker());
  time += 30_000;
  const gate = Promise.withResolvers<ActionOutcome>();
  const slow = behindBreaker(
    { ...plain, run: () => gate.promise },
    {
      breakers: store,
      wait: { now: () => time, random: () => 0 },
      observe: () => {},
    },
  );
  const probing = attempt(slow);
  await Promise.resolve();
  expect((await attempt(worker())).kind).toBe("deferred");
  gate.resolve(DONE);
  expect((await probing).kind).toBe("done");
  outcome = DONE;
  expect((await attempt(worker())).kind).toBe("done");
});

describe("what counts as a failure", () => {
  const counts = async (...outcomes: (ActionOutcome | Error)[]) => {
    const action = worker();
    for (outcome of outcomes) await attempt(action).catch(() => {});
    return (await store.list({ limit: 1 }))[0]?.failures ?? 0;
  };
  const permanent: ActionOutcome = { kind: "permanent", reason: "no", facts: {} };
  const disabled: ActionOutcome = { kind: "disabled", reason: "no", facts: {} };

  test("what may work later, and what is thrown", async () => {
    expect(await counts(AWAY)).toBe(1);
    expect(await counts(new Error("broken"))).toBe(2);
  });
  test("not an answer of any other kind: it says that the receiver is there", async () => {
    expect([await counts(AWAY, DONE), await counts(AWAY, permanent), await counts(AWAY, disabled)]).toEqual([0, 0, 0]);
  });
});

test("orgs and endpoints are apart; what has no endpoint has no breaker", async () => {
  const action = worker();
  outcome = AWAY;
  for (let n = 0; n < 2; n += 1) await attempt(action);
  expect((await attempt(action)).kind).toBe("deferred");
  expect((await attempt(action, "b")).kind).toBe("retryable");
  expect((await attempt(action, "a", "other")).kind).toBe("retryable");
  for (let n = 0; n < 3; n += 1) expect((await attempt(action, null)).kind).toBe("retryable");
  const { endpoint: _, ...without } = plain;
  expect(
    behindBreaker(without, { breakers: store, wait: { now: () => time, random: () => 0 }, observe: () => {} }),
  ).toBe(without);
});

test("a store that cannot be reached stops nobody, and is told of", async () => {
  const away = async () => {
    throw new Error("no store");
  };
  const action = worker({ ...store, enter: away, failed: away, succeeded: away });
  expect((await attempt(action)).kind).toBe("done");
  outcome = AWAY;
  expect((await attempt(action)).kind).toBe("retryable");
  expect(observed.map((one) => one.kind === "part-failed" && one.part)).toEqual(["breakers", "breakers"]);
});
