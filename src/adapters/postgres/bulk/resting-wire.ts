import type { Buffer } from "node:buffer";
import type { OpenWire, Wire } from "./wire.ts";

/** So much in one answer makes it a large one, and the next one with it; others come without a rest. */
const LARGE_BYTES = 1_048_576;
/** PostgreSQL sends 8 kB at a time: a smaller piece than this means that we have caught up. */
const SMALL_PIECE_BYTES = 32_768;
/** A socket may hand over a last small piece from before its rest. */
const BETWEEN_RESTS_BYTES = 65_536;

/** One connection brings some 100 kB in a millisecond, and what is read at once should be several times a small piece. */
const REST_MS = 2;

const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, REST_MS));

/**
 * A wire that rests for a moment, in a large answer, whenever it has caught up with the server. Reading costs about the same
 * for one byte and for a hundred thousand, on both sides, for the server has to wake whoever waits; after a rest all that has
 * come meanwhile is read at once. The server need not wait: sockets hold more than comes in so short a time.
 */
export function restingWire(openWire: OpenWire, rest: () => Promise<void> = aMoment): OpenWire {
  return async (target, events, signal) => {
    let answered = 0;
    let followsLarge = false;
    let sinceRest = 0;
    let [isResting, isPaused, isClosed] = [false, false, false];
    const restNow = (): void => {
      sinceRest = 0;
      isResting = true;
      if (!isPaused) wire.pause();
      void rest().then(() => {
        isResting = false;
        if (!isPaused && !isClosed) wire.resume();
      });
    };
    const onData = (chunk: Buffer): void => {
      // Whoever takes the chunk may free its memory at once, and then it has no length any more.
      const { length } = chunk;
      events.onData(chunk);
      answered += length;
      sinceRest += length;
      const isLarge = followsLarge || answered >= LARGE_BYTES;
      if (isResting || !isLarge || sinceRest < BETWEEN_RESTS_BYTES) return;
      if (length < SMALL_PIECE_BYTES && !isClosed) restNow();
    };
    const onClosed = (error: Error): void => {
      isClosed = true;
      events.onClosed(error);
    };
    const wire: Wire = await openWire(target, { onData, onClosed }, signal);
    return {
      channel: wire.channel,
      write(bytes) {
        followsLarge = answered >= LARGE_BYTES;
        answered = 0;
        wire.write(bytes);
      },
      pause() {
        isPaused = true;
        if (!isResting) wire.pause();
      },
      resume() {
        isPaused = false;
        if (!isResting) wire.resume();
      },
      free: (memory) => wire.free?.(memory),
      end(bytes) {
        isClosed = true;
        wire.end(bytes);
      },
      destroy() {
        isClosed = true;
        wire.destroy();
      },
    };
  };
}
