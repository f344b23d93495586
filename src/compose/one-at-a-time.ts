/** Callers that come while `step` runs get that run's outcome; the next after it starts a new one. */
export function oneAtATime<Outcome>(step: () => Promise<Outcome>): () => Promise<Outcome> {
  let running: Promise<Outcome> | undefined;
  return () => {
    running ??= step().finally(() => {
      running = undefined;
    });
    return running;
  };
}
