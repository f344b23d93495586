/**
 * Turns for long lists: PostgreSQL makes and the server joins one after the other, and quick requests find both free more
 * often. On the cores that they share, as many lists are answered in a second as side by side.
 */

export type ListTurns = {
  /** Resolves when it is this list's turn, or its signal is aborted. The turn lasts until it is ended. */
  take(signal: AbortSignal): Promise<Turn>;
};

export type Turn = { end(): void };

/** A list of 10,000 rows takes about a tenth of it. */
const TURN_MS = 250;

/** @param turnMs - a turn ends by itself after so long: a client that reads slowly, or a very long list, holds up nobody */
export function createListTurns(turnMs = TURN_MS): ListTurns {
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
    take: (signal) =>
      new Promise((resolve) => {
        const go = (): void => {
          waiting.delete(go);
          signal.removeEventListener("abort", go);
          resolve(signal.aborted ? { end: () => undefined } : begin());
        };
        if (isFree || signal.aborted) return go();
        waiting.add(go);
        signal.addEventListener("abort", go, { once: true });
      }),
  };
}
