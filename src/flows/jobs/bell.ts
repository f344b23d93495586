export type Bell = {
  ring(): void;
  /** Resolves when it rings, or the signal is aborted. For one who listens. */
  heard(signal: AbortSignal): Promise<void>;
};

/** Wakes whoever waits for it; rung while nobody listens, it is not heard. */
export function bell(): Bell {
  let ring = () => {};
  return {
    ring: () => ring(),
    heard: (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const done = () => {
          signal.removeEventListener("abort", done);
          resolve();
        };
        ring = done;
        signal.addEventListener("abort", done, { once: true });
        if (signal.aborted) done();
      }),
  };
}
