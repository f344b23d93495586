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
const BUFFERED_BYTES_MAX = 524_288;
/** Rows of several chunks are handed out together up to this. */
const ROWS_BYTES_MAX = 262_144;
/** The memory of smaller chunks is left to the collector: to free it takes longer than it is worth. */
const FREED_BYTES_MIN = 65_536;
/** What a segment takes besides its bytes, roughly: a server might send nothing but empty ones. */
const SEGMENT_BYTES = 128;
/** Messages without meaning here, which may come at any time. https://www.postgresql.org/docs/18/protocol-flow.html */
const ASIDES: ReadonlySet<number> = new Set([0x4e, 0x53, 0x41]); // N: notice, S: parameter of the session, A: notification

/** `memory`: of the chunk that the segment is the most of. */
type Queued = Segment & { readonly memory: ArrayBufferLike | undefined };
type Waiter = { readonly resolve: (segment: Segment) => void; readonly reject: (error: unknown) => void };

/** What a queue asks of its wire. */
export type Flow = {
  /** Makes the wire wait. */
  pause(): void;
  /** Lets it go on. */
  resume(): void;
  /** Nobody reads the memory of a chunk any more. */
  free(memory: ArrayBufferLike): void;
};

export function createSegmentQueue(flow: Flow): SegmentQueue {
  const queue: Queued[] = [];
  let chunkBytes = 0;
  /** Of what was handed out last. */
  let lent: ArrayBufferLike | undefined;
  let bytes = 0;
  let isPaused = false;
  let waiter: Waiter | undefined;
  let failure: { readonly error: unknown } | undefined;
  const join = createJoin();

  const cut = createMessageCutter((segment) => {
    if (ASIDES.has(segment.type)) return;
    queue.push(kept(segment, chunkBytes));
    bytes += segment.bytes.length + SEGMENT_BYTES;
  });

  const take = (): Segment => {
    const first = queue[0] as Queued;
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
    if (count === 1) {
      lent = first.memory;
      return first;
    }
    const rows = { type: DATA_ROW, bytes: join(taken, size) };
    for (const { memory } of taken) if (memory) flow.free(memory);
    return rows;
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
        chunkBytes = chunk.length;
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
      if (lent) flow.free(lent);
      lent = undefined;
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

/** Puts rows of several chunks behind one another; what it gives is valid until the next call. */
function createJoin(): (segments: readonly Segment[], size: number) => Buffer {
  let joined: Buffer | undefined;
  return (segments, size) => {
    joined ??= Buffer.allocUnsafeSlow(ROWS_BYTES_MAX);
    let at = 0;
    for (const segment of segments) at += segment.bytes.copy(joined, at);
    return joined.subarray(0, size);
  };
}

/** A few bytes must not keep the whole chunk alive they came in. At most one segment is more than half of it. */
function kept({ type, bytes }: Segment, chunkBytes: number): Queued {
  if (2 * bytes.length <= chunkBytes) return { type, bytes: Buffer.from(bytes), memory: undefined };
  const isLarge = bytes.length >= FREED_BYTES_MIN && bytes.buffer.byteLength === chunkBytes;
  return { type, bytes, memory: isLarge ? bytes.buffer : undefined };
}
