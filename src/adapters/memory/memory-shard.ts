import type { BusMessage } from "../../ports/event-bus.ts";

type Kept = BusMessage & { readonly sequence: number };
/** Given out, and when it is given again. */
export type Given = { readonly message: Kept; readonly attempt: number; dueAt: number };

/** One shard of the bus in memory. */
export type MemoryShard = {
  add(message: Kept): void;
  /** The next message that may be given out at this time, then kept back until `dueAt`. */
  next(now: number, dueAt: number): Given | undefined;
  end(sequence: number): void;
  setDue(sequence: number, dueAt: number): void;
  /** All that is given out may be given again. */
  takeOver(now: number): void;
  /** When the first of those given out is given again; infinite if none is. */
  firstDue(): number;
  size(): number;
  /** Aborted at the next change. */
  changed(): AbortSignal;
};

/** Unbounded, and empty at first: for tests and simulations. */
export function createMemoryShard(): MemoryShard {
  const waiting: Kept[] = [];
  const given = new Map<number, Given>();
  let change = new AbortController();
  const onChange = () => {
    change.abort();
    change = new AbortController();
  };
  return {
    add: (message) => {
      waiting.push(message);
      onChange();
    },
    next: (now, dueAt) => {
      const late = [...given.values()].filter((one) => one.dueAt <= now);
      const [oldest] = late.toSorted((a, b) => a.message.sequence - b.message.sequence);
      const message = oldest?.message ?? waiting.shift();
      if (!message) return undefined;
      const next = { message, attempt: (oldest?.attempt ?? 0) + 1, dueAt };
      given.set(message.sequence, next);
      return next;
    },
    end: (sequence) => {
      given.delete(sequence);
      onChange();
    },
    setDue: (sequence, dueAt) => {
      const one = given.get(sequence);
      if (one) one.dueAt = dueAt;
      onChange();
    },
    takeOver: (now) => {
      for (const one of given.values()) one.dueAt = Math.min(one.dueAt, now);
    },
    firstDue: () => Math.min(...[...given.values()].map(({ dueAt }) => dueAt)),
    size: () => waiting.length + given.size,
    changed: () => change.signal,
  };
}
