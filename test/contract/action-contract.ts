/** What every `Action` has to do. */
import { strict as assert } from "node:assert";
import type { JsonObject } from "../../src/core/events/json.ts";
import type { Action, ActionOutcome } from "../../src/ports/action.ts";
import { actionInput } from "../support/change-event.ts";
import { seen } from "./contract.ts";

/** How a receiver behaves; `echo` accepts and says again all it was told, at length; `silent` takes and never answers. */
export type Behaviour = "accept" | "refuse" | "fail" | "absent" | "silent" | "echo";

export type ActionWorld = {
  /** A new one; closed by who asked. */
  open(): Action;
  /** Options that reach the receiver, with secrets in every place that takes any. */
  readonly options: JsonObject;
  /** Options of one mistake each, and where it is. */
  readonly mistakes: readonly { readonly options: JsonObject; readonly path: readonly (string | number)[] }[];
  /** The secrets' texts. */
  readonly secrets: readonly string[];
  /** Absent for a kind whose receiver cannot behave so. */
  readonly behave: { readonly accept: () => Promise<void> } & { readonly [how in Behaviour]?: () => Promise<void> };
  /** The ids of what has arrived, one per arrival. */
  arrived(): Promise<readonly string[]>;
  /** The id as the receiver is told it. */
  shownId(id: string): string;
  /** Connections that the receiver has open; absent where it has none of its own. */
  connections?(): Promise<number>;
};

const ID = "k3x9:17:big.city@3:0";

/** Promises by their sentences. */
export const ACTION_CONTRACT: Readonly<Record<string, (world: ActionWorld, action: Action) => Promise<void>>> = {
  "right options have no problem": async ({ options }, action) => {
    assert.deepEqual(action.check(options), []);
    for (const template of Object.keys(action.templates)) {
      assert(template in (action.schema["properties"] as object), `${template} is no option`);
    }
  },

  "a mistake is told with its place, and never run": async ({ mistakes, arrived }, action) => {
    assert(mistakes.length > 0);
    for (const { options, path } of mistakes) {
      const problems = action.check(options);
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
      );
      assert.match(problems[0]?.message ?? "", /^(expected|there is no option) ./);
    }
    const outcome = await action.run(actionInput({ nonsense: 1 }));
    assert.equal(outcome.kind, "permanent");
    assert.deepEqual(await arrived(), []);
  },

  "done is said of what arrived, with the id of the delivery": async ({ options, arrived, shownId }, action) => {
    const outcome = await action.run(actionInput(options));
    assert.equal(outcome.kind, "done", explain(outcome));
    assert.deepEqual(await arrived(), [shownId(ID)]);
  },

  "a receiver that refuses gets no done, and is not asked again": async ({ options, behave }, action) => {
    await behave.refuse?.();
    const outcome = await action.run(actionInput(options));
    if (behave.refuse) assert.equal(outcome.kind, "permanent", explain(outcome));
  },

  "a receiver that fails gets no done, and is asked again": async ({ options, behave }, action) => {
    await behave.fail?.();
    const outcome = await action.run(actionInput(options));
    if (behave.fail) assert.equal(outcome.kind, "retryable", explain(outcome));
  },

  "a receiver that is not there gets no done, and is asked again": async ({ options, behave }, action) => {
    await behave.absent?.();
    const outcome = await action.run(actionInput(options));
    if (behave.absent) assert.equal(outcome.kind, "retryable", explain(outcome));
  },

  "each attempt has the same id": async ({ options, behave, arrived, shownId }, action) => {
    await behave.fail?.();
    await action.run(actionInput(options, { attempt: 1 }));
    await behave.accept();
    const outcomes = [2, 3].map((attempt) => action.run(actionInput(options, { attempt })));
    for (const outcome of outcomes) assert.equal((await outcome).kind, "done", explain(await outcome));
    const ids = new Set(await arrived());
    assert.deepEqual([...ids], [shownId(ID)]);
  },

  "an attempt that is aborted ends, and is not done": async ({ options, behave }, action) => {
    if (!behave.silent) return;
    await behave.silent();
    const over = new AbortController();
    const running = action.run(actionInput(options, { signal: over.signal }));
    setTimeout(() => over.abort(new Error("The time of the attempt is over.")), 50);
    const outcome = await running;
    assert.equal(outcome.kind, "retryable", explain(outcome));
    assert.match("reason" in outcome ? outcome.reason : "", /The time of the attempt is over\./);
  },

  "an attempt that was aborted before it began sends nothing": async ({ options, arrived }, action) => {
    const outcome = await action.run(actionInput(options, { signal: AbortSignal.abort(new Error("Stopped.")) }));
    assert.equal(outcome.kind, "retryable", explain(outcome));
    assert.deepEqual(await arrived(), []);
  },

  "what is kept of an attempt holds no secret, and no text beyond 2 kB": async (
    { options, secrets, behave },
    action,
  ) => {
    for (const how of [behave.accept, behave.echo, behave.refuse, behave.fail, behave.absent]) {
      if (!how) continue;
      await how();
      const outcome = await action.run(actionInput(options));
      const texts = [
        "reason" in outcome ? outcome.reason : "",
        ...("facts" in outcome ? Object.values(outcome.facts) : []),
      ];
      for (const text of texts.map(String)) {
        for (const secret of secrets) assert(!text.includes(secret), `after ${how.name}: ${text}`);
        assert(Buffer.byteLength(text) <= 2_048);
      }
    }
  },

  "closed twice, it has no connection left": async ({ options, connections }, action) => {
    assert.equal((await action.run(actionInput(options))).kind, "done");
    await action.close?.();
    await action.close?.();
    if (connections) await seen("no connection", async () => (await connections()) === 0);
  },
};

function explain(outcome: ActionOutcome): string {
  return JSON.stringify(outcome);
}
