import type { ChaosRow } from "../../chaos-row.ts";
import { throughPipeline } from "../pipeline.ts";

const losses = (isQuick: boolean) => (isQuick ? 24 : 400);

const LOSERS = ["redis", "postgres", "nats", "receiver"] as const;

function answersLost(number: string, name: string, redis: "tcp" | "rest"): ChaosRow {
  return {
    number,
    name,
    load: `100 commits/s, Redis over ${redis === "tcp" ? "TCP" : "REST"}`,
    fault: (isQuick) =>
      `${losses(isQuick)} × an answer lost after it was done: of Redis, PostgreSQL, NATS, the receiver, by turns`,
    happens: (isQuick) => Object.fromEntries(LOSERS.map((loser) => [loser, losses(isQuick) / LOSERS.length])),
    run: ({ seed, isQuick }) =>
      throughPipeline({ seed, redis }, async ({ ways, random, run, recovered, happened, until }) => {
        for (let done = 0; done < losses(isQuick); done += 1) {
          const loser = LOSERS[done % LOSERS.length] ?? "redis";
          const way = ways[loser];
          await run(random(200));
          const before = way.lost;
          way.loseNext();
          await until("an answer was lost", () => way.lost > before);
          happened(loser);
          await recovered();
        }
        return { duplicatesPromised: ways.receiver.lost };
      }),
  };
}

export const answersLostOverTcp = answersLost("9a", "answers-lost", "tcp");
export const answersLostOverRest = answersLost("9b", "answers-lost-rest", "rest");
