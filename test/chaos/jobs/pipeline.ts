/** The whole way from a commit to a webhook under load: PostgreSQL, NATS, Redis, workers in processes of their own, a receiver. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sql } from "postgres";
import { startEmbeddedPostgres } from "../../../src/adapters/embedded-postgres/start.ts";
import { openWorkerSql } from "../../../src/adapters/postgres/worker/worker-sql.ts";
import { compileDatabase } from "../../../src/compose/compile-database.ts";
import { migrateDatabase } from "../../../src/compose/migrating.ts";
import { type Operating, openOperating } from "../../../src/compose/operating.ts";
import { loadConfig } from "../../../src/config/load-config.ts";
import { type ServerProcess, startServer } from "../../smoke/servers.ts";
import { type AnswerLoss, answerLoss } from "../../support/answer-loss.ts";
import { GATEWAY_TOKEN, serveGateway } from "../../support/gateway.ts";
import { type NatsServer, startNats } from "../../support/nats-server.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { mountSmallDisk, type SmallDisk } from "../../support/small-disk.ts";
import { type Happenings, happenings } from "../happenings.ts";
import type { Outcome } from "../outcome.ts";
import { seeded } from "../seeded.ts";
import { type CountingReceiver, startCountingReceiver } from "./receiver.ts";
import { delivering, settings } from "./settings.ts";
import { runCommand, startWorker, type WorkerProcess } from "./workers.ts";

export type PipelineOptions = {
  readonly seed: number;
  /** How workers reach Redis: over TCP, or as the edge does. */
  readonly redis?: "tcp" | "rest";
  readonly workers?: number;
  /** Whom workers ask for names, in place of the machine's. Only root may. */
  readonly nameserver?: string;
  /** Commits in a second. */
  readonly rate?: number;
  readonly attemptTimeoutMs?: number;
  /** Gives each store a small disk of its own. Only root may. */
  readonly smallDisks?: boolean;
  /** Gets the error of each commit of the load that is not acknowledged. Without it, such an error ends the run. */
  readonly refused?: (error: unknown) => void;
  /** More SQL, before the schema is compiled. */
  readonly setup?: string;
  /** More rules, beside the one that sends every update of `accounts` to the receiver. */
  readonly rules?: readonly unknown[];
  readonly env?: Readonly<Record<string, string>>;
};

export type Pipeline = {
  /** Straight to PostgreSQL, as its superuser. */
  readonly admin: Sql;
  /** As an operator starts it again where it ended by itself. */
  startPostgresAgain(): Promise<void>;
  readonly nats: NatsServer;
  readonly redis: RedisServer;
  readonly receiver: CountingReceiver;
  /** With `smallDisks`: what each store writes to. */
  readonly disks: Readonly<Record<Store, SmallDisk>> | undefined;
  /** Straight to the stores: what an operator has. */
  readonly operating: Operating;
  /** Runs `fraiseql` with the arguments, straight to the stores. */
  command(...args: string[]): Promise<void>;
  /** Between the workers and what they call: each can lose an answer. */
  readonly ways: {
    readonly postgres: AnswerLoss;
    readonly nats: AnswerLoss;
    readonly redis: AnswerLoss;
    readonly receiver: AnswerLoss;
  };
  readonly workers: WorkerProcess[];
  start(only?: string): Promise<WorkerProcess>;
  /** A server of GraphQL on the runtime, straight to PostgreSQL, with more settings where some are given. */
  serve(runtime: "Bun" | "Deno", env?: Readonly<Record<string, string>>): Promise<ServerProcess>;
  /** Whether a worker's log had the text since the last time it was asked. */
  logged(text: string): boolean;
  /** A fault came about. */
  readonly happened: Happenings["happened"];
  random(n: number): number;
  run(milliseconds: number): Promise<void>;
  /** Waits until something new is taken; keeps how long that took, as the time of a recovery. */
  recovered(): Promise<void>;
  /** Waits for the condition. */
  until(what: string, condition: () => Promise<boolean> | boolean): Promise<void>;
};

export type Store = "postgres" | "nats" | "redis";

/** What a row found besides what is counted for all; `acknowledged` is beside the load's. */
export type Findings = Partial<Pick<Outcome, "duplicatesPromised" | "broken" | "acknowledged">>;

const ACCOUNTS = 200;
const ADMIN_CONNECTIONS = 4;
const SETTLE_MS = 60_000;
/** A new cluster is 60 MB. */
const DISK_MB = { postgres: 256, nats: 64, redis: 64 };
const SETUP = `create table accounts (id integer primary key, org_id text not null, version integer not null, note text);
  insert into accounts select n, 'org ' || n % 20, 0 from generate_series(1, ${ACCOUNTS}) n;`;

/** Does to the way what `faults` does, ends the load, waits for what is under way, and counts. */
export async function throughPipeline(
  options: PipelineOptions,
  faults: (pipeline: Pipeline) => Promise<Findings | undefined>,
): Promise<Outcome> {
  const stack = new AsyncDisposableStack();
  await using _ = stack;
  const pipeline = await opened(stack, options);
  const { admin, receiver } = pipeline.parts;
  const load = startLoad(admin, options, pipeline.parts.random);
  stack.defer(async () => void (await load.stop()));
  if (pipeline.parts.workers.length > 0) await receiver.next();
  const findings = (await faults(pipeline.parts)) ?? {};
  const acknowledged = (await load.stop()) + (findings.acknowledged ?? 0);
  const lost = await lostOf(admin, receiver);
  const broken = [...(findings.broken ?? [])];
  if (receiver.doubled() > 0) broken.push(`${receiver.doubled()} changes came under two ids`);
  return {
    acknowledged,
    lost,
    duplicated: receiver.duplicated(),
    duplicatesPromised: findings.duplicatesPromised ?? 0,
    broken,
    happened: pipeline.counts,
    recoveryMsMax: Math.max(0, ...pipeline.recoveries),
  };
}

async function opened(stack: AsyncDisposableStack, options: PipelineOptions) {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-chaos-"));
  await Bun.$`chmod 711 ${directory}`.quiet();
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const place = (store: Store) => join(directory, store);
  const disks = options.smallDisks ? await mountDisks(stack, place) : undefined;
  const postgres = { directory: place("postgres"), settings: { fsync: "off" } };
  let server = await startEmbeddedPostgres(postgres);
  stack.defer(() => server.stop());
  const admin = openWorkerSql({
    url: server.url,
    connectionsMax: ADMIN_CONNECTIONS,
    connectTimeoutMs: 2_000,
    name: "chaos admin",
  });
  stack.defer(() => admin.end({ timeout: 1 }));
  const [nats, redis, receiver] = await Promise.all([
    startNats(undefined, disks && { store: place("nats") }),
    startRedis(disks && { dir: place("redis") }),
    startCountingReceiver(),
  ]);
  stack.defer(async () => void (await Promise.all([nats.stop(), redis.stop(), receiver.stop()])));
  await admin.unsafe(SETUP + (options.setup ?? "")).simple();
  await migrateDatabase({ url: server.url, connectTimeoutMs: 2_000, events: { tables: ["public.accounts"] } });
  const artifactPath = join(directory, "schema.compiled.json");
  const { artifact } = await compileDatabase(server.url);
  await Bun.write(artifactPath, artifact);

  const gateway = options.redis === "rest" ? serveGateway(redis.url) : undefined;
  if (gateway) stack.defer(() => gateway.stop());
  const ways = {
    postgres: await answerLoss(Number(new URL(server.url).port)),
    nats: await answerLoss(nats.port),
    redis: await answerLoss(gateway?.port ?? redis.port),
    receiver: await answerLoss(receiver.port),
  };
  stack.defer(async () => void (await Promise.all(Object.values(ways).map((way) => way.close()))));
  const through = new URL(server.url);
  [through.hostname, through.port] = ["127.0.0.1", String(ways.postgres.port)];
  const straight = { ...settings(directory, artifactPath), FRAISEQL_NATS_URL: nats.url, ...options.env };
  const operatorEnv = { ...straight, DATABASE_URL: server.url, FRAISEQL_REDIS_URL: redis.url };
  const operating = await openOperating({ config: loadConfig({ env: operatorEnv }), artifact });
  stack.defer(() => operating.close());
  const rules = [delivering(ways.receiver.port, options.attemptTimeoutMs ?? 2_000), ...(options.rules ?? [])];
  await operating.rules.apply({ rules, removeOthers: true }, { by: "chaos" });

  const workersEnv = {
    ...straight,
    DATABASE_URL: through.href,
    FRAISEQL_NATS_URL: `ws://127.0.0.1:${ways.nats.port}`,
    ...(gateway
      ? { FRAISEQL_REDIS_REST_URL: `http://127.0.0.1:${ways.redis.port}`, FRAISEQL_REDIS_REST_TOKEN: GATEWAY_TOKEN }
      : { FRAISEQL_REDIS_URL: `redis://127.0.0.1:${ways.redis.port}` }),
  };
  const log: string[] = [];
  const workers: WorkerProcess[] = [];
  const resolvConf = join(directory, "resolv.conf");
  if (options.nameserver !== undefined) await Bun.write(resolvConf, `nameserver ${options.nameserver}\n`);
  const start = async (only?: string) => {
    const worker = await startWorker(workersEnv, {
      ...(only && { only }),
      ...(options.nameserver !== undefined && { resolvConf }),
      log: (line) => void log.push(line),
    });
    stack.defer(async () => void (await worker.kill()));
    return worker;
  };
  for (let made = 0; made < (options.workers ?? 1); made += 1) workers.push(await start());
  const serve: Pipeline["serve"] = async (runtime, env) => {
    const server = await startServer(runtime, { directory }, { ...operatorEnv, ...env });
    stack.defer(async () => void (await server.stop()));
    return server;
  };
  const recoveries: number[] = [];
  const recovered = async () => {
    const at = performance.now();
    await withinSettling("nothing new was taken", receiver.next());
    recoveries.push(performance.now() - at);
  };
  const logged = (text: string) => log.splice(0).some((line) => line.includes(text));
  const { happened, counts } = happenings();
  const startPostgresAgain = async () => {
    await server.stop();
    server = await startEmbeddedPostgres({ ...postgres, port: Number(new URL(server.url).port) });
    // Version 3.4.9 of the driver tells the first query of a new connection how the last one of the old failed to open.
    const once = () => admin`select pg_sleep(0.05)`;
    await Promise.allSettled(Array.from({ length: ADMIN_CONNECTIONS }, once));
  };
  const parts: Pipeline = {
    ...{
      admin,
      startPostgresAgain,
      nats,
      redis,
      receiver,
      disks,
      operating,
      ways,
      workers,
      start,
      serve,
      logged,
      happened,
      recovered,
      until,
    },
    command: (...args) => runCommand(operatorEnv, args),
    random: seeded(options.seed),
    run: Bun.sleep,
  };
  return { parts, recoveries, counts };
}

async function mountDisks(stack: AsyncDisposableStack, place: (store: Store) => string) {
  const mounted = async (store: Store) => {
    const disk = await mountSmallDisk(place(store), DISK_MB[store]);
    stack.defer(() => disk.unmount());
    return disk;
  };
  return { postgres: await mounted("postgres"), nats: await mounted("nats"), redis: await mounted("redis") };
}

/** So many commits a second; each makes the version of one row larger by one. */
function startLoad(sql: Sql, { rate = 100, refused }: PipelineOptions, random: (n: number) => number) {
  const began = performance.now();
  let [isOver, acknowledged] = [rate === 0, 0];
  const loading = (async () => {
    for (let due = 0; !isOver; due += 1) {
      await Bun.sleep(Math.max(0, began + (due * 1_000) / rate - performance.now()));
      try {
        await sql`update accounts set version = version + 1 where id = ${1 + random(ACCOUNTS)}`;
        acknowledged += 1;
      } catch (error) {
        if (!refused) throw error;
        refused(error);
      }
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await loading;
      return acknowledged;
    },
  };
}

/** The row itself says how many deliveries there have to be. */
async function lostOf(admin: Sql, receiver: CountingReceiver): Promise<number> {
  const rows = await admin<{ id: number; version: number }[]>`select id, version from accounts where version > 0`;
  const missing = () => rows.reduce((sum, { id, version }) => sum + version - receiver.versionsOf(id), 0);
  const end = performance.now() + SETTLE_MS;
  while (missing() > 0 && performance.now() < end) await Bun.sleep(20);
  return missing();
}

async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + SETTLE_MS;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited for too long until ${what}`);
    await Bun.sleep(20);
  }
}

async function withinSettling(what: string, happening: Promise<void>): Promise<void> {
  const late = new AbortController();
  const timer = Bun.sleep(SETTLE_MS).then(() => {
    if (!late.signal.aborted) throw new Error(`${what} for ${SETTLE_MS / 1_000} s`);
  });
  await Promise.race([happening, timer]).finally(() => late.abort());
  timer.catch(() => {});
}
