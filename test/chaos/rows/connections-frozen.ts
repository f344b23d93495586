import type { ChaosRow } from "../chaos-row.ts";
import { throughFlow } from "../flow.ts";

const times = (isQuick: boolean) => (isQuick ? 1 : 10);
/** Longer than anyone waits for an answer here. */
const FROZEN_MS = 5_000;

export const connectionsFrozen: ChaosRow = {
  number: "6b",
  name: "connections-frozen",
  load: "4 writers",
  fault: (isQuick) => `${times(isQuick)} × silence of ${FROZEN_MS / 1_000} s from PostgreSQL, then from NATS`,
  happens: (isQuick) => ({ frozen: times(isQuick) * 2 }),
  run: ({ seed, isQuick }) =>
    throughFlow(seed, { writers: 4 }, async ({ ways, run, random, recovered, happened }) => {
      for (let done = 0; done < times(isQuick) * 2; done += 1) {
        const way = done % 2 === 0 ? ways.postgres : ways.nats;
        await run(random(1_000));
        // Who gave up in the last silence may not have come back.
        while (way.connections() === 0) await run(10);
        happened("frozen");
        way.freeze();
        await run(FROZEN_MS);
        way.thaw();
        await recovered();
      }
    }),
};
