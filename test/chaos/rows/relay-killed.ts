import type { ChaosRow } from "../chaos-row.ts";
import { throughFlow } from "../flow.ts";

const kills = (isQuick: boolean) => (isQuick ? 4 : 50);

export const relayKilled: ChaosRow = {
  number: "1",
  name: "relay-killed",
  load: "4 writers",
  fault: (isQuick) => `relay: ${kills(isQuick)} × kill -9 at random points`,
  happens: (isQuick) => ({ "relay killed": kills(isQuick) }),
  run: ({ seed, isQuick }) =>
    throughFlow(seed, { writers: 4 }, async ({ relay, run, random, recovered, happened }) => {
      for (let done = 0; done < kills(isQuick); done += 1) {
        await run(random(600));
        if (await relay.kill()) happened("relay killed");
        relay.start();
        await recovered();
      }
    }),
};
