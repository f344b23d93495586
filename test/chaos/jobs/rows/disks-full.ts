import { randomBytes } from "node:crypto";
import { MountRefused } from "../../../support/small-disk.ts";
import type { ChaosRow } from "../../chaos-row.ts";
import { nothingDone } from "../../outcome.ts";
import { type Pipeline, throughPipeline } from "../pipeline.ts";

const times = (isQuick: boolean) => (isQuick ? 1 : 3);
const fullMs = (isQuick: boolean) => (isQuick ? 500 : 10_000);

/** What a commit is refused with while PostgreSQL has no room, or is not there. */
const NO_ROOM = "53100";
const AWAY = /^(08|57P0|CONNECT)|ECONN|CONNECTION/;

const REFUSED_MIN = 10;
const FIRST_INSERTED = 10_000;

/**
 * What cannot be taken waits where it is, and the log names the disk. NATS and PostgreSQL do not go on by themselves where
 * their logs cannot be written: an operator makes room and starts them again. Nothing of ours is restarted.
 */
export const disksFull: ChaosRow = {
  number: "16a",
  name: "disks-full",
  load: "100 commits/s, each store on a small disk of its own",
  fault: (isQuick) =>
    `${times(isQuick)} × each disk full for ${fullMs(isQuick) / 1_000} s and more: of Redis; of NATS, which is then restarted; of PostgreSQL, for its tables, then for its log, when it ends and is started again`,
  happens: (isQuick) => ({
    "Redis' disk full": times(isQuick),
    "NATS' disk full": times(isQuick),
    "PostgreSQL's disk full": times(isQuick),
    "commits refused": times(isQuick) * REFUSED_MIN,
    "mutations refused": times(isQuick),
    "PostgreSQL ended": times(isQuick),
  }),
  run: ({ seed, isQuick }) => {
    const refusals = new Map<string, number>();
    const refused = (error: unknown) => {
      const code = String((error as { code?: unknown }).code);
      refusals.set(code, (refusals.get(code) ?? 0) + 1);
    };
    const counted = throughPipeline({ seed, smallDisks: true, refused }, async (pipeline) => {
      const server = await pipeline.serve("Bun");
      const postgresFull = tablesFull(server.url, () => refusals.get(NO_ROOM) ?? 0);
      for (let done = 0; done < times(isQuick); done += 1) {
        for (const fault of [redisFull, natsFull, postgresFull, logFull]) {
          pipeline.logged("");
          await fault(pipeline, fullMs(isQuick));
          await pipeline.recovered();
        }
      }
      pipeline.happened("commits refused", refusals.get(NO_ROOM) ?? 0);
      const others = [...refusals].filter(([code]) => code !== NO_ROOM && !AWAY.test(code));
      return { broken: others.map(([code, count]) => `${count} commits were refused with ${code}`) };
    });
    return counted.catch((error) => {
      if (!(error instanceof MountRefused)) throw error;
      return nothingDone(error.message);
    });
  },
};

async function redisFull({ disks, happened, logged, run, until }: Pipeline, milliseconds: number): Promise<void> {
  await disks?.redis.fill();
  await until("the log names Redis' disk", () => logged("Redis cannot write to its disk"));
  happened("Redis' disk full");
  await run(milliseconds);
  await disks?.redis.free();
}

async function natsFull(
  { disks, happened, logged, nats, operating, run, until }: Pipeline,
  milliseconds: number,
): Promise<void> {
  await disks?.nats.fill();
  await until("the log names NATS' disk", () => logged("Where its disk is full JetStream falls silent"));
  await until("whoever asks for health is told", async () => !(await operating.status()).ready);
  happened("NATS' disk full");
  await run(milliseconds);
  await disks?.nats.free();
  await nats.kill();
  await nats.restart();
}

const tablesFull =
  (url: string, refused: () => number) =>
  async ({ admin, disks, happened, logged, run, until }: Pipeline, milliseconds: number): Promise<void> => {
    // Else its log might be full before its tables are.
    await admin`select pg_switch_wal()`;
    await admin`select pg_logical_emit_message(true, 'chaos', 'begins the next file')`;
    const before = refused();
    await disks?.postgres.fill();
    await until("the log names PostgreSQL's disk", () => logged("The database's disk is full"));
    happened("PostgreSQL's disk full");
    if ((await mutated(url)) === "503 DATABASE_UNAVAILABLE") happened("mutations refused");
    await until("commits were refused", () => refused() >= before + REFUSED_MIN);
    await run(milliseconds);
    await disks?.postgres.free();
    await until("mutations are answered", async () => (await mutated(url)) === "200");
  };

/** The status of a mutation that needs room, and its code if it has one. What it inserts no rule looks at. */
async function mutated(url: string): Promise<string> {
  const query = "mutation ($row: AccountInsert!) { insertAccount(values: $row) { id } }";
  const note = randomBytes(50_000).toString("hex");
  const row = { id: FIRST_INSERTED + Math.floor(performance.now()), orgId: "org 0", version: 0, note };
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { row } }),
  });
  const { errors } = (await response.json()) as { errors?: readonly { extensions: { code: string } }[] };
  return [response.status, ...(errors ?? []).map(({ extensions }) => extensions.code)].join(" ");
}

async function logFull(pipeline: Pipeline, milliseconds: number): Promise<void> {
  const { admin, disks, happened, logged, run, startPostgresAgain, until } = pipeline;
  await disks?.postgres.fill();
  // The next file of the log does not fit any more; of that PostgreSQL ends, and its recovery ends for the same reason.
  const isThere = () =>
    admin`select pg_switch_wal()`.then(
      () => true,
      (error) => String(error.code) === NO_ROOM,
    );
  await until("PostgreSQL ended", async () => !(await isThere()));
  await until("the log says that PostgreSQL is away", () => logged("DATABASE_UNAVAILABLE"));
  happened("PostgreSQL ended");
  await run(milliseconds);
  await disks?.postgres.free();
  await startPostgresAgain();
}
