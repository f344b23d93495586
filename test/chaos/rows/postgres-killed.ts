import type { ChaosRow } from "../chaos-row.ts";
import { throughFlow } from "../flow.ts";

const seconds = (isQuick: boolean) => (isQuick ? 3 : 30);
const crashes = (isQuick: boolean) => (isQuick ? 1 : 5);

const CLIENTS = ["chaos relay", "chaos writer", "chaos dispatcher"];

export const postgresKilled: ChaosRow = {
  number: "3",
  name: "postgres-killed",
  load: "4 writers",
  fault: (isQuick) =>
    `PostgreSQL: backends ended 5 times a second for ${seconds(isQuick)} s, then ${crashes(isQuick)} × kill -9`,
  happens: (isQuick) => ({ "backends ended": seconds(isQuick) * 5, "kill -9": crashes(isQuick) }),
  run: ({ seed, isQuick }) =>
    throughFlow(seed, { writers: 4 }, async ({ admin, run, random, recovered, happened }) => {
      for (let done = 0; done < seconds(isQuick) * 5; done += 1) {
        await run(200);
        const ended = await admin`select pg_terminate_backend(pid) from pg_stat_activity
          where application_name in ${admin(CLIENTS)} order by random() limit 1`;
        happened("backends ended", ended.length);
      }
      await recovered();
      for (let done = 0; done < crashes(isQuick); done += 1) {
        await run(random(1_000));
        const [backend] = await admin<{ pid: number }[]>`
          select pid from pg_stat_activity where application_name in ${admin(CLIENTS)} limit 1`;
        // The postmaster then ends all others, and recovers from the log.
        if (backend && process.kill(backend.pid, "SIGKILL")) happened("kill -9");
        await run(200);
        await recovered();
      }
    }),
};
