/** The body of a response that is made while it is sent. */

export type BodyEvents = {
  /** The client went away, or the runtime gave the response up. */
  abandoned(): void;
  /** The body breaks off here; the client sees a connection that ends too early. */
  failed(error: unknown): void;
};

/**
 * A chunk is made when there is room for it: one is ready while the one before is sent, so a client that reads slowly
 * holds up everything behind it and not our memory.
 */
export function streamBody(chunks: AsyncIterator<Uint8Array>, events: BodyEvents): ReadableStream<Uint8Array> {
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        events.failed(error);
        controller.error(error);
      }
    },
    async cancel() {
      events.abandoned();
      await chunks.return?.();
    },
  };
  return new ReadableStream(source, { highWaterMark: 1 });
}
