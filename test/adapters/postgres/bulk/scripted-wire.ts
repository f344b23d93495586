/** A wire to a server that exists only as a list of what it sends. */
import type { OpenWire } from "../../../../src/adapters/postgres/bulk/wire.ts";

export type Script = {
  /**
   * One element is sent after each write of ours, or when none comes. After the last one the connection is closed, unless
   * the server `hangs`.
   */
  readonly answers: readonly Buffer[];
  readonly hangs?: boolean;
  /** The most that is sent at once. */
  readonly chunkBytes?: number;
};

export function scriptedWire({ answers, hangs = false, chunkBytes = Number.POSITIVE_INFINITY }: Script): OpenWire {
  return async (_target, events) => {
    const left = [...answers];
    let isOver = false;
    const close = () => {
      if (isOver) return;
      isOver = true;
      events.onClosed(new Error("the connection was lost"));
    };
    const answer = () => {
      const bytes = left.shift();
      const turn = left.length;
      for (let at = 0; bytes && at < bytes.length && !isOver; at += Math.min(chunkBytes, bytes.length)) {
        events.onData(Buffer.from(bytes.subarray(at, at + chunkBytes)));
      }
      if (hangs) return;
      if (left.length === 0) close();
      else setImmediate(() => left.length === turn && answer());
    };
    return {
      channel: { isPrivate: true, endPoint: undefined },
      write: () => queueMicrotask(answer),
      pause: () => undefined,
      resume: () => undefined,
      end: close,
      destroy: close,
    };
  };
}
