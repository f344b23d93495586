import { openLeases } from "../../src/adapters/postgres/leases/leases.ts";
import { openChangeFeed } from "../../src/adapters/postgres/outbox/change-feed.ts";
import { openWorkerSql } from "../../src/adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../../src/adapters/timers/wait.ts";
import { relayChanges } from "../../src/flows/publish-changes.ts";
import type { BusMessage, EventBus } from "../../src/ports/event-bus.ts";
import type { DurableDatabase } from "./durable-database.ts";

export type Load = {
  readonly table: string;
  readonly clients: number;
  readonly rows: number;
  /** Commits in a second; 0: as many as go. */
  readonly rate: number;
  readonly milliseconds: number;
};

export type Written = { readonly commits: number; readonly milliseconds: number };

/** Writes from a process of its own. */
export async function write(
  database: DurableDatabase,
  { table, clients, rows, rate, milliseconds }: Load,
): Promise<Written> {
  const program = new URL("writer.ts", import.meta.url).pathname;
  const numbers = [clients, rows, rate, milliseconds].map(String);
  const child = Bun.spawn([process.execPath, program, database.url, table, ...numbers], {
    stdout: "pipe",
    stderr: "inherit",
  });
  return JSON.parse(await new Response(child.stdout).text());
}

export type Relayed = {
  readonly written: Written;
  /** Events that were on the bus in a second, from the first to the last one. */
  readonly perSecond: number;
  /** From the trigger of each row until its event was on the bus: the commit included. Milliseconds. */
  readonly latencies: readonly number[];
  /** Rows of the outbox that never came, or came twice, or not in order. */
  readonly wrong: number;
  /** Resident memory of this process in MiB, at a fifth of the time and at its end. */
  readonly memory: readonly [number, number];
};

/** Latencies of so many events are kept, spread over all. */
const SAMPLES_MAX = 200_000;

/** What comes to the bus while the load is written; without one, to one that only looks at it. */
export async function relayed(database: DurableDatabase, load: Load, inner?: EventBus): Promise<Relayed> {
  const [before] = await database.sql<
    { position: string }[]
  >`select coalesce(max(position), 0) as position from fraiseql.outbox`;
  const from = Number(before?.position);
  const bus = watchingBus(from, inner);
  const sql = openWorkerSql({ url: database.url, connectionsMax: 4, connectTimeoutMs: 5_000, name: "bench relay" });
  // Another bus than the last time, which has nothing yet.
  await database.sql`update fraiseql.relay set position = ${from}, bus_incarnation = null, bus_sequence = 0`;
  await database.sql`delete from fraiseql.relay_marks`;
  const over = new AbortController();
  const parts = {
    feed: openChangeFeed(sql),
    leases: openLeases(sql),
    bus: bus.port,
    wait: realWait,
    observe: () => {},
  };
  const relaying = relayChanges(parts, { holder: crypto.randomUUID(), retentionMs: 86_400_000, signal: over.signal });
  const memory: number[] = [];
  const meter = setInterval(() => memory.push(process.memoryUsage.rss() / 2 ** 20), load.milliseconds / 50);
  const written = await write(database, load);
  const [after] = await database.sql<{ count: string; position: string }[]>`
    select count(*) as count, max(position) as position from fraiseql.outbox where position > ${from}`;
  while (bus.last() < Number(after?.position)) await Bun.sleep(1);
  const seconds = (performance.now() - bus.firstAt()) / 1_000;
  clearInterval(meter);
  over.abort();
  await relaying;
  await sql.end({ timeout: 1 });
  return {
    written,
    perSecond: bus.count() / seconds,
    latencies: bus.latencies,
    wrong: Math.abs(Number(after?.count) - bus.count()) + bus.disordered(),
    memory: [memory[Math.floor(memory.length / 5)] ?? Number.NaN, memory.at(-1) ?? Number.NaN],
  };
}

function watchingBus(from: number, inner: EventBus | undefined) {
  const latencies: number[] = [];
  let count = 0;
  let last = from;
  let disordered = 0;
  let firstAt = 0;
  const take = ({ id, body }: BusMessage) => {
    const position = Number(id.slice(id.indexOf(":") + 1));
    if (position <= last) disordered += 1;
    last = position;
    count += 1;
    if (count === 1) firstAt = performance.now();
    const written = Date.parse(body.slice(body.lastIndexOf('"occurredAt":"') + 14, -2));
    const latency = performance.timeOrigin + performance.now() - written;
    if (latencies.length < SAMPLES_MAX) latencies.push(latency);
    else if (count % 16 === 0) latencies[(count / 16) % SAMPLES_MAX] = latency;
  };
  const port = {
    publish: async (messages: readonly BusMessage[]) => {
      const sequence = await inner?.publish(messages);
      for (const message of messages) take(message);
      return sequence ?? count;
    },
    state: async () => (await inner?.state()) ?? { incarnation: "bench", lastSequence: count },
  } as unknown as EventBus;
  return {
    port,
    latencies,
    firstAt: () => firstAt,
    count: () => count,
    last: () => last,
    disordered: () => disordered,
  };
}
