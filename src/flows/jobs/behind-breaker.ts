/** Keeps the attempts of an org away from a receiver that is down, for all workers together. */
import type { Observe } from "../../core/observation.ts";
import { leastRecentlyUsed } from "../../core/recent-map.ts";
import type { Action, ActionInput, ActionOutcome } from "../../ports/action.ts";
import type { BreakerKey, BreakerPass, BreakerStore } from "../../ports/breaker-store.ts";
import type { Wait } from "../../ports/wait.ts";

export type BreakerParts = {
  readonly breakers: BreakerStore;
  readonly wait: Pick<Wait, "now" | "random">;
  readonly observe: Observe;
};

/** Receivers that are well are not asked about at each attempt: what another worker sees is known here so much later. */
const KNOWN_MS = 1_000;
const KNOWN_MAX = 10_000;
/** Those who wait for the same receiver do not all come back at once: part of the pause, added by chance. */
const SPREAD = 0.25;

/**
 * The same action, but `deferred` while its endpoint's breaker is open. Only `retryable` counts as a failure: whoever says that
 * a request is wrong is there. A store that cannot be reached stops no attempt.
 */
export function behindBreaker(action: Action, parts: BreakerParts): Action {
  const well = leastRecentlyUsed<string, number>(KNOWN_MAX);
  const { endpoint } = action;
  if (endpoint === undefined) return action;
  return {
    ...action,
    run: async (input) => {
      const of = endpoint(input.options);
      return of === undefined
        ? action.run(input)
        : run(action, parts, well, { org: input.event.org ?? "", endpoint: of }, input);
    },
  };
}

async function run(
  action: Action,
  { breakers, wait, observe }: BreakerParts,
  well: ReturnType<typeof leastRecentlyUsed<string, number>>,
  key: BreakerKey,
  input: ActionInput,
): Promise<ActionOutcome> {
  const name = JSON.stringify([key.org, key.endpoint]);
  const token = `${input.attempt}:${wait.random().toString(36).slice(2)}`;
  const failed = (error: unknown): undefined => {
    observe({ kind: "part-failed", part: "breakers", error });
  };
  const isWell = (well.get(name) ?? 0) > wait.now();
  const pass = isWell ? WELL : ((await breakers.enter(key, token).catch(failed)) ?? WELL);
  if (pass.kind === "open") {
    const retryAfterMs = Math.ceil(pass.retryAfterMs * (1 + SPREAD * wait.random()));
    return { kind: "deferred", reason: `${key.endpoint} is not called: it failed again and again.`, retryAfterMs };
  }
  if (pass.kind === "closed" && pass.failures === 0) well.set(name, wait.now() + KNOWN_MS);
  let reason: string | undefined;
  try {
    const outcome = await action.run(input);
    if (outcome.kind === "retryable") reason = outcome.reason;
    return outcome;
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
    throw error;
  } finally {
    if (reason !== undefined) {
      well.set(name, 0);
      await breakers.failed(key, token, reason).catch(failed);
    } else if (!(pass.kind === "closed" && pass.failures === 0)) await breakers.succeeded(key).catch(failed);
  }
}

const WELL: BreakerPass = { kind: "closed", failures: 0 };
