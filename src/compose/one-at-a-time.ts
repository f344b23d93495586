/** Callers that come while `step` runs get that run's outcome; the next after it starts a new one. */
export function oneAtATime(step: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= step().finally(() => {
      running = undefined;
    });
    return running;
  };
}
