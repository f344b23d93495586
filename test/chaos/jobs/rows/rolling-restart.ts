import type { ChaosRow } from "../../chaos-row.ts";
import { throughPipeline } from "../pipeline.ts";
import { late } from "../receiver.ts";

const rounds = (isQuick: boolean) => (isQuick ? 2 : 10);

export const rollingRestart: ChaosRow = {
  number: "15",
  name: "rolling-restart",
  load: "100 commits/s, 2 workers, answers after 50 ms",
  fault: (isQuick) => `${rounds(isQuick)} × each worker: SIGTERM, then another in its place`,
  happens: (isQuick) => ({ restarted: rounds(isQuick) * 2 }),
  run: ({ seed, isQuick }) =>
    throughPipeline(
      { seed, workers: 2 },
      async ({ admin, workers, start, receiver, run, random, recovered, happened }) => {
        const broken: string[] = [];
        receiver.answer(late(50));
        for (let done = 0; done < rounds(isQuick) * workers.length; done += 1) {
          await run(random(500));
          const at = done % workers.length;
          const code = await workers[at]?.terminate();
          if (code !== 0) broken.push(`a worker that was told to stop ended with ${code}`);
          workers[at] = await start();
          happened("restarted");
          await recovered();
        }
        const [again] = await admin<{ count: number }[]>`
        select count(*)::integer as count from fraiseql.attempts where outcome <> 'done' or attempt > 1`;
        if (again && again.count > 0) broken.push(`${again.count} attempts failed or were made again`);
        return { broken };
      },
    ),
};
