import { FraiseqlError, knownError } from "../../../core/errors.ts";
import { RedisFailure } from "../redis-scripts.ts";

const ATTEMPTS = 3;
const PAUSE_MS = 50;

/** Answers of a server that will be well again, or of one that only takes no more. */
const PASSING: Readonly<Record<string, string>> = {
  OOM: "Redis is at its maxmemory and takes no more jobs until some are done; raise maxmemory if that does not help.",
  LOADING: "Redis is reading its data; try again shortly.",
  BUSY: "Redis is busy with a script; try again shortly.",
  READONLY: "This Redis is a replica and takes no jobs; redis.url has to name its master.",
  MASTERDOWN: "This Redis is a replica without its master.",
  MISCONF: "Redis cannot write to its disk and takes no jobs; make room there. Its log says more.",
  TRYAGAIN: "The shard of the queue is being moved; try again shortly.",
  CLUSTERDOWN: "The Redis cluster is down.",
};

/**
 * Runs a step again whose answer was lost or that found no server: every script may run twice. `again` says that it may
 * have run before.
 *
 * @throws FraiseqlError QUEUE_UNAVAILABLE, CONFIG_INVALID for a server that must not be used, INTERNAL_ERROR
 */
export async function repeated<T>(step: (again: boolean) => Promise<T>): Promise<T> {
  let again = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step(again);
    } catch (error) {
      if (!(error instanceof RedisFailure)) throw error;
      again ||= error.kind === "lost";
      if (attempt === ATTEMPTS || error.kind === "refused" || error.kind === "unfit") throw meaningOf(error);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
  }
}

function meaningOf(error: RedisFailure): FraiseqlError {
  const { kind, word } = error;
  if (kind === "unfit") return new FraiseqlError("CONFIG_INVALID", error.message, { cause: error });
  if (kind !== "refused") {
    return new FraiseqlError("QUEUE_UNAVAILABLE", "Redis is not reachable; try again shortly.", { cause: error });
  }
  const passing = PASSING[word];
  if (passing !== undefined) return new FraiseqlError("QUEUE_UNAVAILABLE", passing, { cause: error });
  if (/^(NOAUTH|WRONGPASS|NOPERM)$/.test(word)) {
    return new FraiseqlError("CONFIG_INVALID", "Redis refuses the login, or what it may do.", { cause: error });
  }
  return knownError(error);
}
