/** Bytes of a response in the pieces that are asked for, whatever the pieces they come in. */
export type ByteSource = {
  /**
   * Fills `target` from `at` to its end.
   *
   * @returns how many bytes it got; fewer than were asked for only where the stream ends
   */
  fill(target: Uint8Array, at: number): Promise<number>;
  /** Bytes that have come. */
  bytes(): number;
  /** Why the stream ended, where it broke off. */
  failure(): unknown;
  cancel(): void;
};

export function createByteSource(body: ReadableStream<Uint8Array>, onBytes: () => void): ByteSource {
  const reader = body.getReader();
  let chunk: Uint8Array = new Uint8Array(0);
  let used = 0;
  let bytes = 0;
  let isOver = false;
  let failure: unknown;
  const next = async (): Promise<void> => {
    const { done, value } = await reader.read().catch((error: unknown) => {
      failure = error;
      return { done: true, value: undefined } as const;
    });
    isOver = done;
    chunk = value ?? new Uint8Array(0);
    used = 0;
    bytes += chunk.length;
    if (!done) onBytes();
  };
  return {
    fill: async (target, at) => {
      let filled = at;
      while (filled < target.length && !isOver) {
        if (used === chunk.length) {
          await next();
          continue;
        }
        const part = chunk.subarray(used, used + target.length - filled);
        target.set(part, filled);
        filled += part.length;
        used += part.length;
      }
      return filled - at;
    },
    bytes: () => bytes,
    failure: () => failure,
    cancel: () => {
      // It was given up: how the cancelling goes interests nobody.
      reader.cancel().catch(() => undefined);
    },
  };
}
