/** One export being made for the cache, and those who want it. */

import { type Exported, type KeptExport, restOf } from "./chunks.ts";
import { cancelled, createInterest, type Participant } from "./export-interest.ts";

export type Fill = {
  /** For the one who began it: the bytes as they are made. Called once, at once. */
  readonly lead: (signal: AbortSignal) => Promise<Exported>;
  /**
   * For everybody else: all of it; undefined where it is too much to be kept. Rejects with what the export
   * failed of, or when `signal` aborts.
   */
  readonly whole: (signal: AbortSignal) => Promise<KeptExport | undefined>;
};

export type FillEvents = {
  /** Asks for room for so many bytes more. */
  readonly reserve: (bytes: number) => boolean;
  readonly release: (bytes: number) => void;
  /** Nobody can join any more: the export is whole, its room stays reserved; or it is not and will not be shared. */
  readonly settled: (whole: KeptExport | undefined) => void;
  /** Before `settled`: there was no room. */
  readonly overflowed: () => void;
};

/** What has been made so far. */
type Filling = {
  readonly events: FillEvents;
  state: "filling" | "whole" | "overflowed" | "abandoned";
  chunks: Uint8Array[];
  reserved: number;
  /** What is read beyond the room there was, by the leader alone. */
  beyond?: AsyncIterableIterator<Uint8Array> | undefined;
  /** Wakes the leader when there is something new. */
  news: ReturnType<typeof Promise.withResolvers<void>>;
};

/** @param make - its signal aborts when nobody wants the export any more */
export function startFill(make: (signal: AbortSignal) => Promise<Exported>, events: FillEvents): Fill {
  const stop = new AbortController();
  const filling: Filling = { events, state: "filling", chunks: [], reserved: 0, news: Promise.withResolvers() };
  const made = make(stop.signal);
  const done = made
    .then((exported) => pump(filling, exported))
    .catch((error: unknown) => {
      giveUp(filling);
      throw error;
    });
  // Whoever waits for it gets the error; nobody may be waiting.
  done.catch(() => undefined);
  const join = createInterest(() => {
    if (filling.state === "whole") return;
    giveUp(filling);
    stop.abort();
  });

  return {
    lead: async (signal) => {
      const participant = join(signal);
      try {
        const { rest, ...begun } = await Promise.race([made, participant.gone]);
        if (rest) return { ...begun, rest: restOf(following(filling, done, participant), participant.leave) };
        await done;
        participant.leave();
        return begun;
      } catch (error) {
        participant.leave();
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
}

/** Reads at full speed until the export ends or there is no room. */
async function pump(filling: Filling, { first, rest, ...more }: Exported): Promise<KeptExport | undefined> {
  const { events } = filling;
  let bytes: Uint8Array | undefined = first;
  while (bytes) {
    if (filling.state === "abandoned") {
      await rest?.return?.();
      throw cancelled();
    }
    filling.chunks.push(bytes);
    if (!events.reserve(bytes.length)) {
      filling.state = "overflowed";
      filling.beyond = rest;
      events.overflowed();
      events.settled(undefined);
      return undefined;
    }
    filling.reserved += bytes.length;
    filling.news.resolve();
    filling.news = Promise.withResolvers();
    const next: IteratorResult<Uint8Array> | undefined = await rest?.next();
    bytes = next?.done ? undefined : next?.value;
  }
  const whole = { whole: new Blob(filling.chunks as BlobPart[]), ...more };
  filling.state = "whole";
  events.settled(whole);
  return whole;
}

function giveUp(filling: Filling): void {
  if (filling.state === "filling") filling.events.settled(undefined);
  filling.state = "abandoned";
  releaseAll(filling);
  // It rejects where the statement has failed meanwhile, which is nobody's concern now.
  filling.beyond?.return?.().catch(() => undefined);
}

function releaseAll(filling: Filling): void {
  filling.events.release(filling.reserved);
  filling.reserved = 0;
  filling.chunks = [];
}

/** What the leader reads behind the first chunk: first what was kept, then what comes, then what there was no room for. */
function following(
  filling: Filling,
  done: Promise<unknown>,
  { leave, gone }: Participant,
): () => Promise<Uint8Array | undefined> {
  let at = 1;
  return async () => {
    while (at >= filling.chunks.length && filling.state === "filling") {
      await Promise.race([filling.news.promise, done, gone]);
    }
    const chunk = filling.chunks[at];
    at += 1;
    if (chunk) return chunk;
    if (filling.state === "abandoned") await Promise.race([done, gone]);
    if (filling.state === "overflowed") {
      // What was kept is sent: others may have the room.
      releaseAll(filling);
      const next = await filling.beyond?.next();
      if (next && !next.done) return next.value;
    }
    leave();
    return undefined;
  };
}
