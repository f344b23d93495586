/** The cache of encoded exports: one statement for many readers, never a part of an export, never more than its bytes. */
import { beforeEach, describe, expect, test } from "bun:test";
import { FraiseqlError } from "../../src/core/errors.ts";
import { type Exported, type KeptExport, restOf } from "../../src/flows/exports/chunks.ts";
import { createExportCache, type ExportCache } from "../../src/flows/exports/export-cache.ts";

/** An export whose chunks are handed out by the test. */
type Source = {
  readonly make: (signal: AbortSignal) => Promise<Exported>;
  /** Gives the next chunk; undefined ends the export, an error breaks it off. */
  readonly give: (chunk: Uint8Array | undefined | Error) => void;
  /** How often it was begun. */
  readonly made: () => number;
  readonly wasStopped: () => boolean;
};

const bytes = (length: number, fill = 1) => new Uint8Array(length).fill(fill);

function source(): Source {
  let made = 0;
  let stopped = false;
  const waiting: ((chunk: Uint8Array | undefined | Error) => void)[] = [];
  const given: (Uint8Array | undefined | Error)[] = [];
  const next = async (): Promise<Uint8Array | undefined> => {
    const chunk =
      given.length > 0
        ? given.shift()
        : await new Promise<Uint8Array | undefined | Error>((resolve) => waiting.push(resolve));
    if (chunk instanceof Error) throw chunk;
    return chunk;
  };
  const give: Source["give"] = (chunk) => {
    const waiter = waiting.shift();
    if (waiter) waiter(chunk);
    else given.push(chunk);
  };
  return {
    make: async (signal) => {
      made += 1;
      signal.addEventListener("abort", () => {
        stopped = true;
        give(new FraiseqlError("REQUEST_CANCELLED", "stopped"));
      });
      const first = (await next()) as Uint8Array;
      const leave = () => {
        stopped = true;
      };
      return { first, rest: restOf(next, leave) };
    },
    give,
    made: () => made,
    wasStopped: () => stopped,
  };
}

async function read(exported: Exported | KeptExport): Promise<number[]> {
  if ("whole" in exported) return [...(await exported.whole.bytes())];
  const { first, rest } = exported;
  const all = [...first];
  if (rest) for await (const chunk of rest) all.push(...chunk);
  return all;
}

let clock = 0;
let cache: ExportCache;
const caller = () => new AbortController().signal;
beforeEach(() => {
  clock = 0;
  cache = createExportCache({ bytesMax: 10, ttlMs: 1_000, now: () => clock });
});
const whole = async (key: string, length: number, fill = 1): Promise<Source> => {
  const made = source();
  for (const chunk of [bytes(length, fill), undefined]) made.give(chunk);
  await read(await cache.serve(key, made.make, caller()));
  return made;
};
const isKept = async (key: string): Promise<boolean> => {
  const probe = source();
  for (const chunk of [bytes(1), undefined]) probe.give(chunk);
  await read(await cache.serve(key, probe.make, caller()));
  return probe.made() === 0;
};

describe("equal requests at the same time", () => {
  test("are one export: the first gets its bytes as they come, the others all of it", async () => {
    const made = source();
    const first = cache.serve("a", made.make, caller());
    const others = [1, 2, 3].map(() => cache.serve("a", made.make, caller()));
    made.give(bytes(2));
    const leading = (await first) as Exported;
    expect([...leading.first]).toEqual([1, 1]);
    const next = leading.rest?.next();
    made.give(bytes(2, 2));
    expect((await next)?.value).toEqual(bytes(2, 2));
    made.give(undefined);
    for (const other of others) expect(await read(await other)).toEqual([1, 1, 2, 2]);
    expect(made.made()).toBe(1);
  });

  test("are not held up by a first one that does not read", async () => {
    const made = source();
    const first = cache.serve("a", made.make, caller());
    const other = cache.serve("a", made.make, caller());
    for (const chunk of [bytes(2), bytes(2), undefined]) made.give(chunk);
    expect(await read(await other)).toEqual([1, 1, 1, 1]);
    expect(await read(await first)).toEqual([1, 1, 1, 1]);
  });

  test("get it even when the first goes away", async () => {
    const made = source();
    const leader = new AbortController();
    const first = cache.serve("a", made.make, leader.signal);
    const other = cache.serve("a", made.make, caller());
    leader.abort();
    await expect(first).rejects.toMatchObject({ code: "REQUEST_CANCELLED" });
    expect(made.wasStopped()).toBe(false);
    for (const chunk of [bytes(3), undefined]) made.give(chunk);
    expect(await read(await other)).toEqual([1, 1, 1]);
  });

  test("stop the export when the last has gone, and the next one begins anew", async () => {
    const made = source();
    const callers = [new AbortController(), new AbortController()];
    const asked = callers.map(({ signal }) => cache.serve("a", made.make, signal));
    for (const each of callers) each.abort();
    const outcomes = (await Promise.allSettled(asked)) as PromiseRejectedResult[];
    expect(outcomes.map(({ reason }) => reason.code)).toEqual(["REQUEST_CANCELLED", "REQUEST_CANCELLED"]);
    expect(made.wasStopped()).toBe(true);
    const again = source();
    for (const chunk of [bytes(1, 7), undefined]) again.give(chunk);
    expect(await read(await cache.serve("a", again.make, caller()))).toEqual([7]);
  });

  test("a first one that leaves its stream alone stops it", async () => {
    const made = source();
    const first = cache.serve("a", made.make, caller());
    made.give(bytes(2));
    await ((await first) as Exported).rest?.return?.();
    expect(made.wasStopped()).toBe(true);
  });

  test("all fail of what the export fails of, and nothing of it is kept", async () => {
    const made = source();
    const first = cache.serve("a", made.make, caller());
    const other = cache.serve("a", made.make, caller());
    made.give(bytes(2));
    made.give(new FraiseqlError("DATABASE_UNAVAILABLE", "gone"));
    await expect(other).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    await expect(read(await first)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    expect(await isKept("a")).toBe(false);
  });
});

describe("what is kept", () => {
  test("is given again without an export, in one piece", async () => {
    await whole("a", 4);
    const again = source();
    const kept = await cache.serve("a", again.make, caller());
    expect("whole" in kept && (await read(kept))).toEqual([1, 1, 1, 1]);
    expect(again.made()).toBe(0);
  });

  test("is forgotten when its time is over, counted from when it was asked for", async () => {
    const made = source();
    const asked = cache.serve("a", made.make, caller());
    clock = 900;
    for (const chunk of [bytes(4), undefined]) made.give(chunk);
    await read(await asked);
    clock = 999;
    expect(await isKept("a")).toBe(true);
    clock = 1_000;
    expect(await isKept("a")).toBe(false);
  });

  test("never takes more than its bytes: what was used longest ago goes", async () => {
    await whole("a", 4);
    await whole("b", 4);
    expect(await isKept("a")).toBe(true);
    await whole("c", 4);
    expect([await isKept("a"), await isKept("c")]).toEqual([true, true]);
    expect(await isKept("b")).toBe(false);
  });

  test("has room again for what was stopped or failed", async () => {
    for (let round = 0; round < 5; round += 1) {
      const made = source();
      const client = new AbortController();
      const asked = cache.serve(`stopped ${round}`, made.make, client.signal);
      made.give(bytes(8));
      const leading = await asked;
      if (round % 2 === 0) client.abort();
      else {
        made.give(new FraiseqlError("DATABASE_ERROR", "no"));
        await expect(read(leading)).rejects.toMatchObject({ code: "DATABASE_ERROR" });
      }
    }
    await whole("a", 10);
    expect(await isKept("a")).toBe(true);
  });
});

describe("what is too large", () => {
  test("still reaches the first whole, and the others make their own", async () => {
    const made = source();
    const own = source();
    const first = cache.serve("a", made.make, caller());
    const other = cache.serve("a", own.make, caller());
    for (const chunk of [bytes(6, 1), bytes(6, 2), bytes(6, 3), undefined]) made.give(chunk);
    for (const chunk of [bytes(2, 9), undefined]) own.give(chunk);
    expect(await read(await other)).toEqual([9, 9]);
    expect(await read(await first)).toEqual([...bytes(6, 1), ...bytes(6, 2), ...bytes(6, 3)]);
    // Nobody waits for it again, and the room it took is free.
    expect(await isKept("a")).toBe(false);
    await whole("b", 10);
    expect(await isKept("b")).toBe(true);
  });

  test("is stopped when the first goes away", async () => {
    const made = source();
    const client = new AbortController();
    const first = cache.serve("a", made.make, client.signal);
    for (const chunk of [bytes(6), bytes(6)]) made.give(chunk);
    const { rest } = (await first) as Exported;
    await rest?.next();
    client.abort();
    expect(made.wasStopped()).toBe(true);
  });
});
