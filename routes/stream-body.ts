/** The body of a response that is made while it is sent. */

export type BodyEvents = {
  /** The client went away, or the runtime gave the response up. */
  abandoned(): void;
  /** All of it was made; the client has yet to read the last of it. */
  made(): void;
  /** The body breaks off here; the client sees a connection that ends too early. */
  failed(error: unknown): void;
};

/**
 * A chunk is made when there is room for it: one is ready while the one before is sent, so a client that reads slowly
 * holds up everything behind it and not our memory.
 */
export function streamBody(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  events: BodyEvents,
): ReadableStream<Uint8Array> {
  const source: UnderlyingDefaultSource<Uint8Array> = {
    start: (controller) => controller.enqueue(first),
    async pull(controller) {
      try {
        const { done, value } = await nextWithBytes(rest);
        if (!done) return controller.enqueue(value);
        controller.close();
        events.made();
      } catch (error) {
        events.failed(error);
        controller.error(error);
      }
    },
    async cancel() {
      events.abandoned();
      await rest.return?.();
    },
  };
  return new ReadableStream(source, { highWaterMark: 1 });
}

/** An empty chunk would end a body in chunks. */
async function nextWithBytes(rest: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  for (;;) {
    const next = await rest.next();
    if (next.done || next.value.length > 0) return next;
  }
}
