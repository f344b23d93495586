/** A whole flow under load: writers, PostgreSQL with its outbox, a relay in a process of its own, NATS, and who decides. */
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
import { type Decisions, decisions, startDecider } from "./decider.ts";
import { type Happenings, happenings } from "./happenings.ts";
import type { Outcome } from "./outcome.ts";
import { QUICK_BUS } from "./quick-bus.ts";
import { record } from "./record.ts";
import { type RelayProcess, relayProcess } from "./relay-process.ts";
import { seeded } from "./seeded.ts";
import { startWriters, type WriterOptions } from "./writers.ts";

export type Flow = {
  /** Straight to PostgreSQL, as its superuser. */
  readonly admin: Sql;
  readonly nats: NatsServer;
  /** Between the two servers and whoever relays or decides. */
  readonly ways: { readonly postgres: FaultProxy; readonly nats: FaultProxy };
  readonly relay: RelayProcess;
  /** A fault came about. What the relay observes is counted under its kind. */
  readonly happened: Happenings["happened"];
  /** Whole numbers below `n`, by the seed. */
  random(n: number): number;
  /** Lets the load go on for a while. */
  run(milliseconds: number): Promise<void>;
  /** Waits until something new is decided; keeps how long that took, as the time of a recovery. */
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
  const stack = new AsyncDisposableStack();
  await using _ = stack;
  const { admin, nats, ways, url, sql } = await opened(stack);
  const { happened, counts } = happenings();
  const relay = relayProcess({ postgres: ways.postgres.url, nats: ways.nats.url }, happened);
  stack.defer(async () => void (await relay.kill()));
  relay.start();
  const bus = openNatsBus({ ...QUICK_BUS, url: ways.nats.url });
  stack.defer(() => bus.close());
  const seen = record(bus);
  const decider = startDecider(sql, seen.bus);
  stack.defer(() => decider.stop());
  const random = seeded(seed);
  const writers = startWriters(url, { accounts: ACCOUNTS, random, happened, ...options });
  stack.defer(async () => void (await writers.stop()));
  const recoveries: number[] = [];
  const recovered = async () => {
    const at = performance.now();
    await Promise.race([decider.next(), Bun.sleep(RECOVERY_MS_MAX)]);
    recoveries.push(performance.now() - at);
  };
  await decider.next();
  await faults({ ...{ admin, nats, ways, relay, happened, random, recovered }, run: Bun.sleep });
  const acknowledged = await writers.stop();
  const { missing, twice } = await settled(admin);
  return {
    ...{ acknowledged, lost: missing, happened: counts },
    duplicated: seen.duplicated(),
    inverted: seen.inverted(),
    recoveryMsMax: Math.max(0, ...recoveries),
    broken: twice > 0 ? [`${twice} commits were decided twice`] : [],
  };
}

async function opened(stack: AsyncDisposableStack) {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-chaos-"));
  await Bun.$`chmod 711 ${directory}`.quiet();
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const server = await startEmbeddedPostgres({ directory: join(directory, "postgres"), settings: { fsync: "off" } });
  stack.defer(() => server.stop());
  const nats = await startNats();
  stack.defer(() => nats.stop());
  const ways = { postgres: await faultProxy(server.url), nats: await faultProxy(nats.url) };
  stack.defer(async () => void (await Promise.all([ways.postgres.close(), ways.nats.close()])));
  const common = { connectTimeoutMs: 2_000, connectionsMax: 3 };
  const admin = openWorkerSql({ ...common, url: server.url, name: "chaos admin" });
  const sql = openWorkerSql({ ...common, url: ways.postgres.url, name: "chaos dispatcher", statementTimeoutMs: 2_000 });
  stack.defer(async () => void (await Promise.all([admin, sql].map((one) => one.end({ timeout: 1 })))));
  await admin.unsafe(SETUP).simple();
  await migrate(admin, await readMigrations());
  await captureTables(admin, realWait, [{ schema: "public", name: "accounts" }]);
  return { admin, nats, ways, url: server.url, sql };
}

/** What the ledger has once it has all, or when that took too long. */
async function settled(admin: Sql): Promise<Decisions> {
  for (const end = performance.now() + SETTLE_MS; ; await Bun.sleep(50)) {
    const counted = await decisions(admin);
    if (counted.missing === 0 || performance.now() > end) return counted;
  }
}
