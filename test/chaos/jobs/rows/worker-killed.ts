import type { ChaosRow } from "../../chaos-row.ts";
import { HELD, LEASE_MS, throughPipeline } from "../pipeline.ts";
import { late } from "../receiver.ts";

const kills = (isQuick: boolean) => (isQuick ? 4 : 50);
const freezes = (isQuick: boolean) => (isQuick ? 2 : 10);

export const workerKilled: ChaosRow = {
  number: "7",
  name: "worker-killed",
  load: "100 commits/s, 2 workers, answers after 50 ms",
  fault: (isQuick) =>
    `workers: ${kills(isQuick)} × kill -9, ${freezes(isQuick)} × stopped for twice their lease, amid attempts`,
  run: ({ seed, isQuick }) =>
    throughPipeline({ seed, workers: 2 }, async ({ workers, start, receiver, random, run, recovered }) => {
      receiver.answer(late(50));
      for (let done = 0; done < kills(isQuick); done += 1) {
        await run(random(800));
        const at = random(workers.length);
        await workers[at]?.kill();
        workers[at] = await start();
        await recovered();
      }
      for (let done = 0; done < freezes(isQuick); done += 1) {
        await run(random(800));
        const frozen = workers[random(workers.length)];
        frozen?.freeze();
        await run(LEASE_MS * 2);
        frozen?.thaw();
        await recovered();
      }
      return { duplicatesPromised: HELD * (kills(isQuick) + freezes(isQuick)) };
    }),
};
