/**
 * Whether the bus still has all that was put on it. A log that was made anew, or that is shorter than what was
 * acknowledged, has lost messages: JetStream acknowledges before it syncs to disk, and a stream can be deleted.
 */
import type { Observe } from "../../core/observation.ts";
import type { ChangeFeed, FeedStart } from "../../ports/change-feed.ts";
import type { BusState, EventBus } from "../../ports/event-bus.ts";
import type { Wait } from "../../ports/wait.ts";

export type BusWatch = {
  /**
   * Where to go on: the given position, or an earlier one where what came after that is not certain to be on the bus.
   * Asks the bus when it is time, and after a doubt.
   */
  resumeAt(position: number): Promise<number>;
  /** So many messages are about to be published. */
  attempt(count: number): void;
  /** They were, up to the sequence. Gives how far the bus is now at least. */
  published(sequence: number): BusState;
  /** Something failed. */
  doubt(): void;
};

type WatchParts = {
  readonly feed: Pick<ChangeFeed, "mark" | "resumeAt">;
  readonly bus: Pick<EventBus, "state">;
  readonly wait: Pick<Wait, "now">;
  readonly observe: Observe;
};

const CHECK_MS = 1_000;
const CHECK_IDLE_MS = 5_000;

/**
 * @param start how far the bus was at least, when the position was stored from which the relay goes on
 * @param batchMax messages that are handed to the bus at once, at most: an earlier relay may have left so many behind
 */
export function watchBus({ feed, bus, wait, observe }: WatchParts, start: FeedStart, batchMax: number): BusWatch {
  let least = start.bus;
  let checkedAt = Number.NEGATIVE_INFINITY;
  /** Messages handed to the bus since it was known to be whole: so many of those it has may be newer than what it lost. */
  let handed = start.unmarked + batchMax;

  const isDue = () => wait.now() - checkedAt > (handed > 0 ? CHECK_MS : CHECK_IDLE_MS);
  return {
    resumeAt: async (position) => {
      if (!isDue()) return position;
      const isDoubted = checkedAt === Number.NEGATIVE_INFINITY;
      const state = await bus.state();
      const why = least === null ? undefined : lossOf(least, state);
      let from = position;
      if (why !== undefined) {
        const sure = Math.max(0, state.lastSequence - handed);
        from = Math.min(position, await feed.resumeAt({ ...state, lastSequence: sure }));
        observe({ kind: "bus-refilled", from: from + 1, to: position, why });
      } else if (position > 0) await feed.mark(position, state);
      least = state;
      // What was under way at a failure may still come.
      handed = isDoubted ? batchMax : 0;
      checkedAt = wait.now();
      return from;
    },
    attempt: (count) => {
      handed += count;
    },
    published: (sequence) => {
      const known = least as BusState;
      least = { ...known, lastSequence: Math.max(known.lastSequence, sequence) };
      return least;
    },
    doubt: () => {
      checkedAt = Number.NEGATIVE_INFINITY;
    },
  };
}

function lossOf(least: BusState, state: BusState): string | undefined {
  if (state.incarnation !== least.incarnation) return "the log was made anew";
  if (state.lastSequence >= least.lastSequence) return undefined;
  return `the log goes to ${state.lastSequence} and went to ${least.lastSequence}`;
}
