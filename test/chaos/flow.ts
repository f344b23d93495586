/** A whole flow under load: writers, PostgreSQL with its outbox, a relay in a process of its own, NATS, and who reads. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sql } from "postgres";
import { startEmbeddedPostgres } from "../../src/adapters/embedded-postgres/start.ts";
import { openNatsBus } from "../../src/adapters/nats/event-bus.ts";
import { migrate } from "../../src/adapters/postgres/migrations/migrate.ts";
import { readMigrations } from "../../src/adapters/postgres/migrations/read-migrations.ts";
import { captureTables } from "../../src/adapters/postgres/outbox/captured-tables.ts";
import { openWorkerSql } from "../../src/adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../../src/adapters/timers/wait.ts";
import { type FaultProxy, faultProxy } from "../support/fault-proxy.ts";
import { type NatsServer, startNats } from "../support/nats-server.ts";
import type { Outcome } from "./outcome.ts";
import { QUICK_BUS } from "./quick-bus.ts";
import { type Record, record } from "./record.ts";
import { seeded } from "./seeded.ts";
import { startWriters, type WriterOptions } from "./writers.ts";

export type Flow = {
  /** Straight to PostgreSQL, as its superuser. */
  readonly admin: Sql;
  readonly nats: NatsServer;
  /** Between PostgreSQL or NATS and the relay; NATS's is the reader's way, too. */
  readonly ways: { readonly postgres: FaultProxy; readonly nats: FaultProxy };
  readonly relay: { kill(): Promise<void>; start(): void };
  readonly record: Record;
  /** Whole numbers below `n`, by the seed. */
  random(n: number): number;
  /** Lets the load go on for a while. */
  run(milliseconds: number): Promise<void>;
  /** Waits until something new is read; keeps how long that took, as the time of a recovery. */
  recovered(): Promise<void>;
};

const ACCOUNTS = 200;
const SETTLE_MS = 60_000;
/** What has not come back by then is counted as lost in the end. */
const RECOVERY_MS_MAX = 30_000;
const SETUP = `create table accounts (id integer primary key, org_id text not null, version integer not null);
  insert into accounts select n, 'org ' || n % 20, 0 from generate_series(1, ${ACCOUNTS}) n`;

/** Does to the flow what `faults` does, ends the load, waits for what is under way, and counts. */
export async function throughFlow(
  seed: number,
  options: WriterOptions,
  faults: (flow: Flow) => Promise<void>,
): Promise<Outcome> {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-chaos-"));
  await Bun.$`chmod 711 ${directory}`.quiet();
  const server = await startEmbeddedPostgres({ directory: join(directory, "postgres"), settings: { fsync: "off" } });
  const admin = openWorkerSql({ url: server.url, connectionsMax: 3, connectTimeoutMs: 2_000, name: "chaos admin" });
  const nats = await startNats();
  const ways = { postgres: await faultProxy(server.url), nats: await faultProxy(nats.url) };
  const bus = openNatsBus({ ...QUICK_BUS, url: ways.nats.url });
  let relay: ReturnType<typeof Bun.spawn> | undefined;
  const start = () => {
    relay = Bun.spawn([process.execPath, join(import.meta.dir, "relay-probe.ts"), ways.postgres.url, ways.nats.url]);
  };
  const kill = async () => {
    relay?.kill("SIGKILL");
    await relay?.exited;
  };
  try {
    await admin.unsafe(SETUP).simple();
    await migrate(admin, await readMigrations());
    await captureTables(admin, realWait, [{ schema: "public", name: "accounts" }]);
    start();
    const seen = record(bus);
    const random = seeded(seed);
    const writers = startWriters(server.url, { accounts: ACCOUNTS, random, ...options });
    const recoveries: number[] = [];
    const flow: Flow = {
      ...{ admin, nats, ways, record: seen, random },
      relay: { kill, start },
      run: Bun.sleep,
      recovered: async () => {
        const at = performance.now();
        await Promise.race([seen.next(), Bun.sleep(RECOVERY_MS_MAX)]);
        recoveries.push(performance.now() - at);
      },
    };
    await seen.next();
    await faults(flow);
    const acknowledged = await writers.stop();
    const lost = await lostOf(admin, seen);
    await seen.stop();
    const { duplicated, inverted } = seen;
    return {
      acknowledged,
      lost,
      duplicated: duplicated(),
      inverted: inverted(),
      recoveryMsMax: Math.max(0, ...recoveries),
    };
  } finally {
    await kill();
    await bus.close();
    await admin.end({ timeout: 1 });
    await Promise.all([ways.postgres.close(), ways.nats.close(), nats.stop()]);
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The row itself says how many of its events there are: each commit made its version larger by one. */
async function lostOf(admin: Sql, seen: Record): Promise<number> {
  const rows = await admin<{ id: number; version: number }[]>`select id, version from accounts`;
  const end = performance.now() + SETTLE_MS;
  let lost = Number.POSITIVE_INFINITY;
  while (lost > 0 && performance.now() < end) {
    lost = rows.reduce((sum, { id, version }) => sum + version - seen.versionsOf(id), 0);
    if (lost > 0) await Bun.sleep(50);
  }
  return lost;
}
