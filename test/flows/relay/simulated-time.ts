/** A clock that stands still until everybody waits, and chance that comes from a seed. */
import type { Wait } from "../../../src/ports/wait.ts";

type Sleeper = { readonly at: number; readonly order: number; wake(): void };

export class SimulatedTime implements Wait {
  readonly random: () => number;
  #now = 0;
  #order = 0;
  #sleepers: Sleeper[] = [];

  constructor(random: () => number) {
    this.random = random;
  }

  now(): number {
    return this.#now;
  }

  wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      this.#order += 1;
      const sleeper: Sleeper = {
        at: this.#now + Math.max(0, milliseconds),
        order: this.#order,
        wake: () => {
          signal?.removeEventListener("abort", left);
          resolve();
        },
      };
      const left = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        sleeper.wake();
      };
      signal?.addEventListener("abort", left, { once: true });
      this.#sleepers.push(sleeper);
    });
  }

  /** Lets everybody who is due go on, one after the other, until the time has come or the condition holds. */
  async runUntil(end: number, isOver: () => boolean = () => false): Promise<void> {
    for (;;) {
      await settled();
      if (isOver()) return;
      let next: Sleeper | undefined;
      for (const sleeper of this.#sleepers) {
        if (!next || sleeper.at < next.at || (sleeper.at === next.at && sleeper.order < next.order)) next = sleeper;
      }
      if (next === undefined || next.at > end) {
        this.#now = Math.max(this.#now, end);
        return;
      }
      this.#now = Math.max(this.#now, next.at);
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      next.wake();
    }
  }
}

/** Resolves when nobody has anything left to do but wait. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
