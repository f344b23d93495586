/** The `BreakerStore` port on Redis, however that is reached. */
import { type Breaker, type BreakerPolicy, breakerState } from "../../../core/breakers/breaker.ts";
import {
  BREAKER_REASON_MAX,
  type BreakerKey,
  type BreakerPass,
  type BreakerStore,
} from "../../../ports/breaker-store.ts";
import { repeated } from "../jobs/repeated.ts";
import type { RedisScript, RedisScripts } from "../redis-scripts.ts";
import { ENTER, FAILED, LIST, SUCCEEDED } from "./scripts.ts";

export type RedisBreakersOptions = {
  readonly scripts: RedisScripts;
  /** Names the breakers among others of the same Redis. */
  readonly name: string;
  readonly policy: BreakerPolicy;
  /** A simulated clock, milliseconds since 1970; Redis's own when left out. */
  readonly now?: () => number;
};

/** `close` closes the way to Redis too. */
export function createRedisBreakers({ scripts, name, policy, now }: RedisBreakersOptions): BreakerStore {
  const prefix = `{${name}}:breakers:`;
  const ask = (script: RedisScript, ...args: readonly (string | number)[]) =>
    repeated(() => scripts.run(script, prefix, [now === undefined ? "" : `${now()}`, ...args.map(String)]));
  return {
    enter: async (key, token) => {
      const [kind, number] = (await ask(ENTER, nameOf(key), token, policy.openMs, policy.probeMs)) as [string, number];
      return passOf(kind, Number(number));
    },
    succeeded: async (key) => {
      await ask(SUCCEEDED, nameOf(key));
    },
    failed: async (key, token, reason) => {
      const { failuresMax, openMs, openMaxMs } = policy;
      const shown = reason.slice(0, BREAKER_REASON_MAX);
      await ask(FAILED, nameOf(key), token, failuresMax, openMs, openMaxMs, shown);
    },
    list: async ({ org, limit }) => {
      const begin = org === undefined ? "" : `${JSON.stringify([org]).slice(0, -1)},`;
      const [at, ...flat] = (await ask(LIST, limit, begin)) as (string | number)[];
      return flat.flatMap((text, n) => (n % 2 === 0 ? [breakerOf(`${text}`, `${flat[n + 1]}`, Number(at))] : []));
    },
    close: () => scripts.close(),
  };
}

/** All breakers of an org begin alike. */
function nameOf({ org, endpoint }: BreakerKey): string {
  return JSON.stringify([org, endpoint]);
}

function passOf(kind: string, number: number): BreakerPass {
  if (kind === "open") return { kind, retryAfterMs: number };
  return kind === "probe" ? { kind } : { kind: "closed", failures: number };
}

function breakerOf(name: string, text: string, at: number): Breaker {
  const [org = "", endpoint = ""] = JSON.parse(name) as string[];
  const [, failures, openings, until, , , changedAt, reason = ""] =
    /^(\d+) (\d+) (\d+) (\d+) (\S*) (\d+) (.*)$/s.exec(text) ?? [];
  const openUntil = until === "0" ? undefined : Number(until);
  return {
    org,
    endpoint,
    state: breakerState(openUntil, at),
    failures: Number(failures),
    openings: Number(openings),
    ...(openUntil === undefined ? {} : { openUntil }),
    reason,
    changedAt: Number(changedAt),
  };
}
