/** Memory that long answers leave behind, given back when no more of them come. */

/** What a collection needs of the runtime. */
export type GarbageCollectionParts = {
  /** Bytes that objects hold outside of the heap, garbage included. */
  readonly heldBytes: () => number;
  readonly collect: () => void;
  readonly after: (milliseconds: number, work: () => void) => void;
};

/** So long no long answer has begun or come to its end. */
const QUIET_MS = 500;
/** Less is not worth the ten milliseconds that a collection takes. */
const HELD_BYTES_MIN = 8_388_608;

/**
 * To be called whenever a long answer begins or was made. Bun collects when some 32 MiB more were asked for, which in a server
 * that is quiet after a large table may take hours.
 */
export function createGarbageCollection({ heldBytes, collect, after }: GarbageCollectionParts): () => void {
  let isWaiting = false;
  let isQuiet = true;
  const wait = (): void => {
    isQuiet = true;
    after(QUIET_MS, () => {
      if (!isQuiet) return wait();
      isWaiting = false;
      if (heldBytes() >= HELD_BYTES_MIN) collect();
    });
  };
  return () => {
    isQuiet = false;
    if (isWaiting) return;
    isWaiting = true;
    wait();
  };
}
