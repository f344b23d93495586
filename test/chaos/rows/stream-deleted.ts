import { eventStream } from "../../../src/adapters/nats/streams.ts";
import type { ChaosRow } from "../chaos-row.ts";
import { throughFlow } from "../flow.ts";
import { QUICK_BUS } from "../quick-bus.ts";

const times = (isQuick: boolean) => (isQuick ? 2 : 10);

export const streamDeleted: ChaosRow = {
  number: "6",
  name: "stream-deleted",
  load: "4 writers",
  fault: (isQuick) => `NATS: ${times(isQuick)} × stream deleted`,
  happens: (isQuick) => ({ deleted: times(isQuick), "bus-refilled": times(isQuick) }),
  run: ({ seed, isQuick }) =>
    throughFlow(seed, { writers: 4 }, async ({ nats, run, random, recovered, happened }) => {
      for (let done = 0; done < times(isQuick); done += 1) {
        await run(1_000 + random(1_000));
        await nats.deleteStream(eventStream(QUICK_BUS));
        happened("deleted");
        await recovered();
      }
    }),
};
