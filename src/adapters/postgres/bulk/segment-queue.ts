/** What the server has sent and nobody has taken yet: bounded, since the wire is paused when it grows. */
import { Buffer } from "node:buffer";
import { DATA_ROW } from "../connection/message-types.ts";
import { createMessageCutter, type Segment } from "./message-cutter.ts";

export type SegmentQueue = {
  /** Takes a chunk from the wire. */
  push(chunk: Buffer): void;
  /** The next message, or the next rows: as many as have come, in one piece. Its bytes are valid until the next call. */
  next(): Promise<Segment>;
  /** Nothing more comes; what is here can still be taken, then `next` rejects with `error`. */
  end(error: unknown): void;
  /** Forgets what is here; `next` rejects with `error` from now on. */
  discard(error: unknown): void;
};

/** Above this the wire is paused, below half of it resumed. */
const BUFFERED_BYTES_MAX = 1_048_576;
/** Rows of several chunks are handed out together up to this. */
const ROWS_BYTES_MAX = 262_144;
/** What a segment takes besides its bytes, roughly: a server might send nothing but empty ones. */
const SEGMENT_BYTES = 128;
/** Messages without meaning here, which may come at any time. https://www.postgresql.org/docs/18/protocol-flow.html */
const ASIDES: ReadonlySet<number> = new Set([0x4e, 0x53, 0x41]); // N: notice, S: parameter of the session, A: notification

type Waiter = { readonly resolve: (segment: Segment) => void; readonly reject: (error: unknown) => void };

/** @param flow - lets the wire go on or makes it wait */
export function createSegmentQueue(flow: { pause(): void; resume(): void }): SegmentQueue {
  const queue: Segment[] = [];
  let bytes = 0;
  let isPaused = false;
  let waiter: Waiter | undefined;
  let failure: { readonly error: unknown } | undefined;
  let joined: Buffer | undefined;

  const cut = createMessageCutter((segment) => {
    if (ASIDES.has(segment.type)) return;
    queue.push({ type: segment.type, bytes: trimmed(segment.bytes) });
    bytes += segment.bytes.length + SEGMENT_BYTES;
  });

  const take = (): Segment => {
    const first = queue[0] as Segment;
    let count = 1;
    let size = first.bytes.length;
    if (first.type === DATA_ROW) {
      for (
        let after = queue[1];
        after?.type === DATA_ROW && size + after.bytes.length <= ROWS_BYTES_MAX;
        after = queue[count]
      ) {
        size += after.bytes.length;
        count += 1;
      }
    }
    const taken = queue.splice(0, count);
    bytes -= size + count * SEGMENT_BYTES;
    if (isPaused && bytes <= BUFFERED_BYTES_MAX / 2) {
      isPaused = false;
      flow.resume();
    }
    return count === 1 ? first : { type: DATA_ROW, bytes: join(taken, size) };
  };

  const join = (segments: readonly Segment[], size: number): Buffer => {
    joined ??= Buffer.allocUnsafeSlow(ROWS_BYTES_MAX);
    let at = 0;
    for (const segment of segments) at += segment.bytes.copy(joined, at);
    return joined.subarray(0, size);
  };

  const settle = (): void => {
    if (!waiter || (queue.length === 0 && !failure)) return;
    const { resolve, reject } = waiter;
    waiter = undefined;
    if (queue.length > 0) resolve(take());
    else reject(failure?.error);
  };

  return {
    push(chunk) {
      if (failure) return;
      try {
        cut(chunk);
      } catch (error) {
        failure = { error };
        flow.pause();
      }
      settle();
      if (bytes <= BUFFERED_BYTES_MAX || isPaused) return;
      isPaused = true;
      flow.pause();
    },
    next() {
      if (waiter) throw new TypeError("a result is read by one reader, one read at a time");
      if (queue.length > 0) return Promise.resolve(take());
      if (failure) return Promise.reject(failure.error);
      return new Promise((resolve, reject) => {
        waiter = { resolve, reject };
      });
    },
    end(error) {
      failure ??= { error };
      settle();
    },
    discard(error) {
      queue.length = 0;
      bytes = 0;
      failure = { error };
      settle();
    },
  };
}

/** A few bytes must not keep the whole chunk alive they came in. */
function trimmed(bytes: Buffer): Buffer {
  return 2 * bytes.length < bytes.buffer.byteLength ? Buffer.from(bytes) : bytes;
}
