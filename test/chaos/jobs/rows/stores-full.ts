import { connect, DiscardPolicy } from "nats.ws";

import type { ChaosRow } from "../../chaos-row.ts";
import { type Pipeline, throughPipeline } from "../pipeline.ts";
import { redisCommand } from "../redis-command.ts";

const times = (isQuick: boolean) => (isQuick ? 1 : 5);
const fullMs = (isQuick: boolean) => (isQuick ? 3_000 : 20_000);

/** What cannot be taken waits where it is, in the outbox or the bus; and the log says why. */
export const storesFull: ChaosRow = {
  number: "16",
  name: "stores-full",
  load: "100 commits/s",
  fault: (isQuick) =>
    `${times(isQuick)} × Redis, then NATS, with no room for more for ${fullMs(isQuick) / 1_000} s (maxmemory, max_bytes)`,
  happens: (isQuick) => ({ "Redis full": times(isQuick), "NATS full": times(isQuick) }),
  run: ({ seed, isQuick }) =>
    throughPipeline({ seed }, async (pipeline) => {
      const { redis, run, recovered, logged, happened, until } = pipeline;
      for (let done = 0; done < times(isQuick); done += 1) {
        logged("");
        await redisCommand(redis, ["CONFIG", "SET", "maxmemory", "1mb"]);
        await until("the worker told that Redis is full", () => logged('"part-failed"'));
        happened("Redis full");
        await run(fullMs(isQuick));
        await redisCommand(redis, ["CONFIG", "SET", "maxmemory", "0"]);
        await recovered();
        logged("");
        await room(pipeline, 1);
        await until("the worker told that NATS is full", () => logged('"part-failed"'));
        happened("NATS full");
        await run(fullMs(isQuick));
        await room(pipeline, -1);
        await recovered();
      }
      return undefined;
    }),
};

async function room({ nats }: Pipeline, bytes: number): Promise<void> {
  const client = await connect({ servers: nats.url });
  const { streams } = await client.jetstreamManager();
  const { config, state } = await streams.info("FRAISEQL_EVENTS");
  const most = bytes < 0 ? -1 : state.bytes + 1_000;
  await streams.update(config.name, { ...config, max_bytes: most, discard: DiscardPolicy.New });
  await client.close();
}
