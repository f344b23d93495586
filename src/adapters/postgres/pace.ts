/** How the statements of one text go: how long they take, alone and merged, and how many of them run. */
import { createMeanTime } from "./mean-time.ts";

export type Pace = {
  /** Whether one is known to take so little that those who come together are best read by few connections. */
  isQuick(): boolean;
  /** Takes one of the few places that quick statements of one text share; false where all are taken. */
  enter(): boolean;
  /** Takes a place beyond them. */
  enterAnyway(): void;
  /** Resolves with a place when one is left. */
  next(): Promise<void>;
  waiting(): number;
  /** @param reads - how many the statement answered; 0 where it failed, which says nothing of its pace */
  leave(milliseconds: number, reads: number): void;
};

/**
 * Connections for the quick statements of one text. One server makes about as many requests a second as two or three
 * connections answer when each takes a fraction of a millisecond; more of them only take turns on PostgreSQL's cores.
 */
const PLACES = 3;
/** From where the way to the server weighs more than the work, connections are what a crowd needs. */
const QUICK_MS = 4;
/** Runs before anything is believed. */
const RUNS_MIN = 20;
/** A merged statement is planned without its values. Where that makes each read so many times as slow, it is not used again. */
const MERGED_TIMES_MAX = 1.5;

export function createPace(): Pace {
  const waiting: (() => void)[] = [];
  let running = 0;
  const alone = createMeanTime();
  const merged = createMeanTime();
  return {
    isQuick: () =>
      alone.count() >= RUNS_MIN && alone.value() <= QUICK_MS && merged.value() <= alone.value() * MERGED_TIMES_MAX,
    enter() {
      if (running >= PLACES) return false;
      running += 1;
      return true;
    },
    enterAnyway() {
      running += 1;
    },
    next: () => new Promise((resolve) => waiting.push(resolve)),
    waiting: () => waiting.length,
    leave(milliseconds, reads) {
      // Who waits comes first, also where more than the few run: else those who never wait would keep them from it.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
      if (reads === 1) alone.add(milliseconds);
      else if (reads > 1) merged.add(milliseconds / reads);
    },
  };
}
