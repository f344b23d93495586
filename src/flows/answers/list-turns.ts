/**
 * Turns for long lists: while there are quick requests too, PostgreSQL makes and the server joins one list after the other, and
 * those find both free more often. Where nobody else asks for anything, lists go side by side.
 */
import { FraiseqlError } from "../../core/errors.ts";

export type ListTurns = {
  /**
   * Resolves when it is this list's turn, or its signal is aborted. The turn lasts until it is ended.
   *
   * @throws FraiseqlError DATABASE_UNAVAILABLE where too many wait, or it was no turn for too long
   */
  take(signal: AbortSignal): Promise<Turn>;
};

export type Turn = {
  /** Some of the list has come. */
  goesOn(): void;
  /** The list has ended. */
  end(): void;
};

export type ListTurnsOptions = {
  /** Lists that may wait for their turn; more are refused at once. */
  readonly waitersMax: number;
  /** How long one waits. */
  readonly waitMs: number;
  /** Lists that may be on their way, those whose turn is over too; so many go side by side where nobody asks for anything else. */
  readonly atOnceMax: number;
  /** How many other requests there were until now. */
  readonly quickRequests: () => number;
  /** A turn ends by itself after so long: a very long list holds up nobody. */
  readonly turnMs?: number;
  /**
   * And when nothing has come for so long, or twice as long: then it is no processor that it waits for, but the way to a
   * PostgreSQL far away, or a client that reads slowly.
   */
  readonly quietMs?: number;
};

/** A list of 10,000 rows takes about a tenth of it. */
const TURN_MS = 250;
const QUIET_MS = 5;

export function createListTurns(options: ListTurnsOptions): ListTurns {
  const { waitersMax, waitMs, atOnceMax, quickRequests, turnMs = TURN_MS, quietMs = QUIET_MS } = options;
  const waiting = new Set<() => void>();
  let onTheirWay = 0;
  let running = 0;
  /** The quick requests there were when the last turn began. */
  let known = 0;
  const free = (): number => Math.min(atOnceMax - onTheirWay, (quickRequests() === known ? atOnceMax : 1) - running);
  const admit = (): void => {
    for (const go of [...waiting].slice(0, Math.max(0, free()))) go();
  };

  const begin = (): Turn => {
    onTheirWay += 1;
    running += 1;
    known = quickRequests();
    let isRunning = true;
    let hasEnded = false;
    let hasCome = true;
    let leftMs = turnMs;
    const giveUp = (): void => {
      if (!isRunning) return;
      isRunning = false;
      clearInterval(timer);
      running -= 1;
    };
    const timer = setInterval(() => {
      leftMs -= quietMs;
      if (hasCome && leftMs > 0) {
        hasCome = false;
        return;
      }
      giveUp();
      admit();
    }, quietMs);
    return {
      goesOn: () => {
        hasCome = true;
      },
      end: () => {
        if (hasEnded) return;
        hasEnded = true;
        onTheirWay -= 1;
        giveUp();
        admit();
      },
    };
  };

  return {
    async take(signal) {
      if (signal.aborted) return NO_TURN;
      if (free() > 0) return begin();
      if (waiting.size >= waitersMax) throw busy();
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          clearTimeout(timer);
          waiting.delete(go);
          signal.removeEventListener("abort", gone);
        };
        const go = (): void => {
          leave();
          resolve(begin());
        };
        const gone = (): void => {
          leave();
          resolve(NO_TURN);
        };
        const timer = setTimeout(() => {
          leave();
          reject(busy());
        }, waitMs);
        waiting.add(go);
        signal.addEventListener("abort", gone, { once: true });
      });
    },
  };
}

const NO_TURN: Turn = { goesOn: () => undefined, end: () => undefined };

function busy(): FraiseqlError {
  return new FraiseqlError("DATABASE_UNAVAILABLE", "Too many long lists are asked for; try again shortly.");
}
