import type { ChaosRow } from "../../chaos-row.ts";
import { throughPipeline } from "../pipeline.ts";
import { CONCURRENCY } from "../settings.ts";

const flooding = (isQuick: boolean) => (isQuick ? 3_000 : 50_000);
const [SMALL_ORGS, EACH] = [10, 20];
const FLOOD_FROM = 1_000;
const SMALL_FROM = 500;

/** Turn by turn, with the large one among them. */
const IDEAL = (SMALL_ORGS + 1) * EACH;

export const flood: ChaosRow = {
  number: "11",
  name: "flood",
  load: `${SMALL_ORGS * EACH} late jobs of ${SMALL_ORGS} small orgs`,
  fault: (isQuick) => `one org has ${flooding(isQuick)} jobs before them`,
  happens: (isQuick) => ({ "jobs before": flooding(isQuick) }),
  run: async ({ seed, isQuick }) => {
    const counted = await throughPipeline({ seed, rate: 0, workers: 0 }, async (pipeline) => {
      const { admin, start, operating, until, receiver, happened } = pipeline;
      await start("relay,dispatcher");
      const waiting = (count: number) =>
        until("all jobs wait", async () => (await operating.queue.counts()).available === count);
      await admin`insert into accounts select ${FLOOD_FROM} + n, 'large', 0 from generate_series(1, ${flooding(isQuick)}::int) n`;
      await admin`update accounts set version = 1 where id > ${FLOOD_FROM}`;
      await waiting(flooding(isQuick));
      happened("jobs before", flooding(isQuick));
      await admin`insert into accounts select ${SMALL_FROM} + n, 'small ' || n % ${SMALL_ORGS}::int, 0
        from generate_series(1, ${SMALL_ORGS * EACH}::int) n`;
      await admin`update accounts set version = 1 where id > ${SMALL_FROM} and id <= ${FLOOD_FROM}`;
      await waiting(flooding(isQuick) + SMALL_ORGS * EACH);
      await start("job-runner");
      const lastSmall = () => receiver.taken.findLastIndex((account) => account <= FLOOD_FROM) + 1;
      const small = () => receiver.taken.filter((account) => account <= FLOOD_FROM).length;
      await until("all of the small orgs are done", () => small() === SMALL_ORGS * EACH);
      const turns = lastSmall() - CONCURRENCY;
      return turns > IDEAL * 1.1 ? { broken: [`${turns} turns until all were done; ${IDEAL} are ideal`] } : {};
    });
    return { ...counted, acknowledged: flooding(isQuick) + SMALL_ORGS * EACH };
  },
};
