import type { ChaosRow } from "../chaos-row.ts";
import { throughFlow } from "../flow.ts";

const kills = (isQuick: boolean) => (isQuick ? 4 : 20);

export const natsKilled: ChaosRow = {
  number: "4",
  name: "nats-killed",
  load: "4 writers",
  fault: (isQuick) => `NATS: ${kills(isQuick)} × kill -9`,
  happens: (isQuick) => ({ "NATS killed": kills(isQuick) }),
  run: ({ seed, isQuick }) =>
    throughFlow(seed, { writers: 4 }, async ({ nats, run, random, recovered, happened }) => {
      for (let done = 0; done < kills(isQuick); done += 1) {
        await run(random(1_000));
        await nats.kill();
        happened("NATS killed");
        await nats.restart();
        await recovered();
      }
    }),
};
