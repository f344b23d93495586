/** One export being made for the cache, and those who want it. */
import { FraiseqlError } from "../core/errors.ts";
import { type Exported, restOf } from "./export-parts.ts";

export type Fill = {
  /** For the one who began it: the bytes as they are made. Called once, at once. */
  readonly lead: (signal: AbortSignal) => Promise<Exported>;
  /**
   * For everybody else: all of it in one piece; undefined where it is too much to be kept. Rejects with what the export failed of,
   * or when `signal` aborts.
   */
  readonly whole: (signal: AbortSignal) => Promise<Exported | undefined>;
};

export type FillEvents = {
  /** Asks for room for so many bytes more. */
  readonly reserve: (bytes: number) => boolean;
  readonly release: (bytes: number) => void;
  /** Nobody can join any more: the export is whole, its room stays reserved; or it is not and will not be shared. */
  readonly settled: (whole: Exported | undefined) => void;
  /** Before `settled`: there was no room. */
  readonly overflowed: () => void;
};

/** @param make - its signal aborts when nobody wants the export any more */
export function startFill(make: (signal: AbortSignal) => Promise<Exported>, events: FillEvents): Fill {
  const stop = new AbortController();
  let chunks: Uint8Array[] = [];
  let reserved = 0;
  let wanted = 0;
  let state: "filling" | "whole" | "overflowed" | "abandoned" = "filling";
  /** What is read beyond the room there was, by the leader alone. */
  let beyond: AsyncIterableIterator<Uint8Array> | undefined;
  /** Wakes the leader when there is something new. */
  let news = Promise.withResolvers<void>();

  const releaseAll = (): void => {
    events.release(reserved);
    reserved = 0;
    chunks = [];
  };
  const keep = (bytes: Uint8Array): boolean => {
    if (!events.reserve(bytes.length)) return false;
    reserved += bytes.length;
    chunks.push(bytes);
    news.resolve();
    news = Promise.withResolvers<void>();
    return true;
  };
  const overflow = (bytes: Uint8Array, rest: Exported["rest"]): undefined => {
    chunks.push(bytes);
    beyond = rest;
    state = "overflowed";
    events.overflowed();
    events.settled(undefined);
  };
  /** Reads at full speed until the export ends or there is no room. */
  const pump = async ({ first, rest, ...more }: Exported): Promise<Exported | undefined> => {
    let bytes: Uint8Array | undefined = first;
    while (bytes) {
      if (state === "abandoned") {
        await rest?.return?.();
        throw cancelled();
      }
      if (!keep(bytes)) return overflow(bytes, rest);
      const next = await rest?.next();
      bytes = next?.done ? undefined : next?.value;
    }
    const whole = { first: joinAll(chunks, reserved), ...more };
    state = "whole";
    events.settled(whole);
    return whole;
  };

  const made = make(stop.signal);
  const done = made.then(pump).catch((error: unknown) => {
    if (state === "filling") events.settled(undefined);
    state = "abandoned";
    releaseAll();
    throw error;
  });
  // Whoever waits for it gets the error; nobody may be waiting.
  done.catch(() => undefined);

  const abandon = (): void => {
    if (state === "whole") return;
    if (state === "filling") events.settled(undefined);
    state = "abandoned";
    stop.abort();
    releaseAll();
    // It rejects where the statement has failed meanwhile, which is nobody's concern now.
    beyond?.return?.().catch(() => undefined);
  };
  const join = (signal: AbortSignal) => {
    wanted += 1;
    const gone = Promise.withResolvers<never>();
    gone.promise.catch(() => undefined);
    let isIn = true;
    const leave = (): void => {
      if (!isIn) return;
      isIn = false;
      signal.removeEventListener("abort", onAbort);
      wanted -= 1;
      if (wanted === 0) abandon();
    };
    const onAbort = (): void => {
      leave();
      gone.reject(cancelled());
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    return { leave, gone: gone.promise };
  };

  return {
    lead: async (signal) => {
      const { leave, gone } = join(signal);
      try {
        const { rest, ...begun } = await Promise.race([made, gone]);
        if (rest) return { ...begun, rest: restOf(follow(gone, leave), leave) };
        await done;
        leave();
        return begun;
      } catch (error) {
        leave();
        throw error;
      }
    },
    whole: async (signal) => {
      const { leave, gone } = join(signal);
      try {
        return await Promise.race([done, gone]);
      } finally {
        leave();
      }
    },
  };

  function follow(gone: Promise<never>, leave: () => void): () => Promise<Uint8Array | undefined> {
    let at = 1;
    return async () => {
      while (at >= chunks.length && state === "filling") await Promise.race([news.promise, done, gone]);
      const chunk = chunks[at];
      at += 1;
      if (chunk) return chunk;
      if (state === "abandoned") await Promise.race([done, gone]);
      if (state === "overflowed") {
        // What was kept is sent: others may have the room.
        releaseAll();
        const next = await beyond?.next();
        if (next && !next.done) return next.value;
      }
      leave();
      return undefined;
    };
  }
}

function joinAll(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function cancelled(): FraiseqlError {
  return new FraiseqlError("REQUEST_CANCELLED", "The client went away.");
}
