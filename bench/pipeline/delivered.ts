import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { openOperating } from "../../src/compose/operating.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { startDurableDatabase } from "../events/durable-database.ts";
import { write } from "../events/measure.ts";

/** Absent: in PostgreSQL. */
export type Stores = { readonly natsUrl?: string; readonly redisUrl?: string };

export type Delivered = {
  readonly perSecond: number;
  /** From the trigger of each row until its webhook was received: the commit included. Milliseconds. */
  readonly latencies: readonly number[];
  readonly lost: number;
  readonly doubled: number;
  /** Of the worker's process, for each second of the load. */
  readonly cpuMs: number;
};

const SETTLE_MS = 30_000;
const CLIENTS = 16;
/** So long it is loaded before it is measured. */
const WARM_MS = 2_000;

/** Writes rows at their times, open loop, and counts what comes to a receiver in this process. */
export async function delivered(
  stores: Stores,
  load: { readonly rate: number; readonly milliseconds: number },
): Promise<Delivered> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-bench-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const database = await startDurableDatabase();
  stack.defer(() => database.stop());
  const receiver = startReceiver();
  stack.defer(() => receiver.stop());
  const { artifact } = await compileDatabase(database.url);
  const artifactPath = join(directory, "schema.compiled.json");
  await Bun.write(artifactPath, artifact);
  const env = {
    DATABASE_URL: database.url,
    FRAISEQL_ARTIFACT_PATH: artifactPath,
    FRAISEQL_WEBHOOKS_ALLOWED_NETWORKS: "127.0.0.0/8",
    SECRET_WEBHOOK_KEY: `whsec_${Buffer.alloc(32, "key").toString("base64")}`,
    ...(stores.natsUrl !== undefined && { FRAISEQL_NATS_URL: stores.natsUrl }),
    ...(stores.redisUrl !== undefined && { FRAISEQL_REDIS_URL: stores.redisUrl }),
  };
  const operating = await openOperating({ config: loadConfig({ env }), artifact });
  stack.defer(() => operating.close());
  await operating.rules.apply({ rules: [rule(receiver.port)], removeOthers: true }, { by: "bench" });
  const worker = await startWorker(directory, env);
  stack.defer(() => worker.stop());

  const writing = { table: "captured", clients: CLIENTS, rows: 1, rate: load.rate };
  const all = async () => {
    const [{ count }] = (await database.sql`select count(*)::integer as count from captured`) as unknown as [
      { count: number },
    ];
    const end = performance.now() + SETTLE_MS;
    while (receiver.rows() < count && performance.now() < end) await Bun.sleep(5);
    return count;
  };
  await write(database, { ...writing, milliseconds: WARM_MS });
  await all();
  receiver.forgetLatencies();
  const cpuBefore = await worker.cpuMs();
  const { commits, milliseconds } = await write(database, { ...writing, milliseconds: load.milliseconds });
  const count = await all();
  const cpuMs = ((await worker.cpuMs()) - cpuBefore) / (milliseconds / 1_000);
  return {
    perSecond: (commits / milliseconds) * 1_000,
    latencies: receiver.latencies(),
    lost: count - receiver.rows(),
    doubled: receiver.doubled(),
    cpuMs,
  };
}

/** As rules usually are: signed, with a condition, and the row as the body. */
function rule(port: number) {
  return {
    name: "ordered",
    entity: "Captured",
    operations: ["insert"],
    condition: "status = 'open' && total > 0",
    actions: [
      {
        kind: "webhook",
        url: `http://127.0.0.1:${port}/orders`,
        signingKeys: ["${env://SECRET_WEBHOOK_KEY}"],
      },
    ],
  };
}

function startReceiver() {
  const rows = new Set<string>();
  let doubled = 0;
  let latencies: number[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const now = performance.timeOrigin + performance.now();
      const body = (await request.json()) as { timestamp: string; data: { after: { id: number } } };
      const row = String(body.data.after.id);
      if (rows.has(row)) doubled += 1;
      rows.add(row);
      latencies.push(now - Date.parse(body.timestamp));
      return new Response(null, { status: 204 });
    },
  });
  return {
    port: server.port ?? 0,
    rows: () => rows.size,
    doubled: () => doubled,
    latencies: () => latencies,
    forgetLatencies: () => {
      latencies = [];
    },
    stop: () => server.stop(true),
  };
}

async function startWorker(cwd: string, env: Readonly<Record<string, string>>) {
  const program = new URL("../../src/cli/main.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, program, "workers", "--port", "0"], {
    ...{ cwd, env: { PATH: process.env["PATH"] ?? "", ...env } },
    stdout: "pipe",
    stderr: Bun.file(join(cwd, "workers.log")),
  });
  const { value } = await child.stdout.getReader().read();
  if (value === undefined) throw new Error(await readFile(join(cwd, "workers.log"), "utf8"));
  return {
    /** User and system time of the process so far: fields 14 and 15 of proc_pid_stat(5), in hundredths of a second. */
    cpuMs: async () => {
      const stat = await readFile(`/proc/${child.pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    stop: async () => {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}
