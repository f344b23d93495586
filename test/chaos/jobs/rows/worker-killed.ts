import type { ChaosRow } from "../../chaos-row.ts";
import { throughPipeline } from "../pipeline.ts";
import { late } from "../receiver.ts";
import { HELD, LEASE_MS } from "../settings.ts";

const kills = (isQuick: boolean) => (isQuick ? 4 : 50);
const freezes = (isQuick: boolean) => (isQuick ? 2 : 10);

export const workerKilled: ChaosRow = {
  number: "7",
  name: "worker-killed",
  load: "100 commits/s, 2 workers, answers after 50 ms",
  fault: (isQuick) =>
    `workers: ${kills(isQuick)} × kill -9, ${freezes(isQuick)} × stopped for twice their lease, amid attempts`,
  happens: (isQuick) => ({ killed: kills(isQuick), stopped: freezes(isQuick) }),
  run: ({ seed, isQuick }) =>
    throughPipeline({ seed, workers: 2 }, async ({ workers, start, receiver, random, run, recovered, happened }) => {
      receiver.answer(late(50));
      for (let done = 0; done < kills(isQuick); done += 1) {
        await run(random(800));
        const at = random(workers.length);
        if (await workers[at]?.kill()) happened("killed");
        workers[at] = await start();
        await recovered();
      }
      for (let done = 0; done < freezes(isQuick); done += 1) {
        await run(random(800));
        const frozen = workers[random(workers.length)];
        if (frozen?.freeze()) happened("stopped");
        await run(LEASE_MS * 2);
        frozen?.thaw();
        await recovered();
      }
      return { duplicatesPromised: HELD * (kills(isQuick) + freezes(isQuick)) };
    }),
};
