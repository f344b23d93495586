/** A bell between the parts of one process. */
export function arrivals(): { ring(): void; wait(signal: AbortSignal): Promise<void> } {
  let waiting = new Set<() => void>();
  // Rung while nobody waited: the next who would wait need not.
  let rung = false;
  return {
    ring() {
      rung = waiting.size === 0;
      for (const wake of waiting) wake();
      waiting = new Set();
    },
    wait: (signal) =>
      new Promise((resolve) => {
        if (rung || signal.aborted) {
          rung = false;
          return resolve();
        }
        const wake = () => {
          signal.removeEventListener("abort", wake);
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      }),
  };
}
