import type { ChaosRow } from "../chaos-row.ts";
import { throughFlow } from "../flow.ts";

const times = (isQuick: boolean) => (isQuick ? 1 : 5);
const backMs = (isQuick: boolean) => (isQuick ? 2_000 : 20_000);

/** What a power cut does, where the disk has less than was confirmed. */
export const natsRolledBack: ChaosRow = {
  number: "5",
  name: "nats-rolled-back",
  load: "4 writers",
  fault: (isQuick) => `NATS: ${times(isQuick)} × data as it was ${backMs(isQuick) / 1_000} s ago`,
  happens: (isQuick) => ({ "rolled back": times(isQuick), "bus-refilled": times(isQuick) }),
  run: ({ seed, isQuick }) =>
    throughFlow(seed, { writers: 4 }, async ({ nats, run, recovered, happened }) => {
      for (let done = 0; done < times(isQuick); done += 1) {
        await run(1_000);
        await nats.kill();
        await nats.keepData();
        await nats.restart();
        await recovered();
        await run(backMs(isQuick));
        await nats.kill();
        await nats.rollBack();
        happened("rolled back");
        await nats.restart();
        await recovered();
      }
    }),
};
