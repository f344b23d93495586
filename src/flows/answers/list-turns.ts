/**
 * Turns for long lists: PostgreSQL makes and the server joins one after the other, and quick requests find both free more
 * often. On the cores that they share, as many lists are answered in a second as side by side.
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

export type Turn = { end(): void };

export type ListTurnsOptions = {
  /** Lists that may wait for their turn; more are refused at once. */
  readonly waitersMax: number;
  /** How long one waits. */
  readonly waitMs: number;
  /** A turn ends by itself after so long: a client that reads slowly, or a very long list, holds up nobody. */
  readonly turnMs?: number;
};

/** A list of 10,000 rows takes about a tenth of it. */
const TURN_MS = 250;

export function createListTurns({ waitersMax, waitMs, turnMs = TURN_MS }: ListTurnsOptions): ListTurns {
  let isFree = true;
  const waiting = new Set<() => void>();

  const begin = (): Turn => {
    isFree = false;
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      isFree = true;
      const [next] = waiting;
      next?.();
    };
    const timer = setTimeout(end, turnMs);
    return { end };
  };

  return {
    async take(signal) {
      if (signal.aborted) return NO_TURN;
      if (isFree) return begin();
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

const NO_TURN: Turn = { end: () => undefined };

function busy(): FraiseqlError {
  return new FraiseqlError("DATABASE_UNAVAILABLE", "Too many long lists are asked for; try again shortly.");
}
