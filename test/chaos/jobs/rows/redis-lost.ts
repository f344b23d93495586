import { readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { ChaosRow } from "../../chaos-row.ts";
import { type Pipeline, throughPipeline } from "../pipeline.ts";
import { redisCommand } from "../redis-command.ts";
import { HELD } from "../settings.ts";

const times = (isQuick: boolean) => (isQuick ? 2 : 20);
const TAIL_BYTES = 20_000;

/** Redis comes back without what it had last, or without anything, and an operator rebuilds the queue from the ledger. */
export const redisLost: ChaosRow = {
  number: "8",
  name: "redis-lost",
  load: "100 commits/s",
  fault: (isQuick) =>
    `Redis: ${times(isQuick)} × each of kill -9; kill -9 and ${TAIL_BYTES} bytes off its file, rebuild; FLUSHALL, rebuild`,
  happens: (isQuick) => ({
    killed: times(isQuick),
    "file cut": times(isQuick),
    flushed: times(isQuick),
    rebuilt: times(isQuick) * 2,
  }),
  run: ({ seed, isQuick }) =>
    throughPipeline({ seed }, async (pipeline) => {
      const { run, recovered, random } = pipeline;
      for (let done = 0; done < times(isQuick); done += 1) {
        for (const fault of [() => killed(pipeline), () => tailCut(pipeline), () => flushed(pipeline)]) {
          await run(random(1_000));
          await fault();
          await recovered();
        }
      }
      return { duplicatesPromised: HELD * times(isQuick) * 2 };
    }),
};

async function killed({ redis, happened }: Pipeline): Promise<void> {
  await redis.kill();
  await redis.restart();
  happened("killed");
}

async function tailCut(pipeline: Pipeline): Promise<void> {
  const { redis, happened } = pipeline;
  await redis.kill();
  const folder = join(redis.directory, "appendonlydir");
  const name = (await readdir(folder)).find((file) => file.endsWith(".incr.aof"));
  if (name === undefined) throw new Error("Redis has no append-only file");
  const file = join(folder, name);
  const { size } = await stat(file);
  await truncate(file, Math.max(0, size - TAIL_BYTES));
  await redis.restart();
  if (size > 0) happened("file cut");
  await rebuild(pipeline);
}

async function flushed(pipeline: Pipeline): Promise<void> {
  const { redis, happened } = pipeline;
  if (Number(await redisCommand(redis, ["DBSIZE"])) > 0) happened("flushed");
  await redisCommand(redis, ["FLUSHALL"]);
  await rebuild(pipeline);
}

/** As an operator does. */
async function rebuild({ command, happened }: Pipeline): Promise<void> {
  await command("queue", "rebuild", "--clear");
  happened("rebuilt");
}
