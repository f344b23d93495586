import type { ChaosRow } from "../chaos-row.ts";
import { throughFlow } from "../flow.ts";

const cuts = (isQuick: boolean) => (isQuick ? 10 : 100);

export const connectionsCut: ChaosRow = {
  number: "6a",
  name: "connections-cut",
  load: "4 writers",
  fault: (isQuick) => `${cuts(isQuick)} × connections cut, to PostgreSQL or NATS`,
  happens: (isQuick) => ({ cut: cuts(isQuick) }),
  run: ({ seed, isQuick }) =>
    throughFlow(seed, { writers: 4 }, async ({ ways, run, random, recovered, happened }) => {
      for (let done = 0; done < cuts(isQuick); done += 1) {
        const way = random(2) === 0 ? ways.postgres : ways.nats;
        await run(random(400));
        // Who was cut off a moment ago may not have come back.
        while (way.connections() === 0) await run(10);
        happened("cut");
        way.cut();
        await recovered();
      }
    }),
};
