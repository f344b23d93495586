import type { ServerProcess } from "../../../smoke/servers.ts";
import type { ChaosRow } from "../../chaos-row.ts";
import { type Balancer, createBalancer } from "../balancer.ts";
import { GRAPHQL_LOAD_SETUP, startGraphqlLoad, WAITED_MS } from "../graphql-load.ts";
import { type Pipeline, throughPipeline } from "../pipeline.ts";
import { late } from "../receiver.ts";

const rounds = (isQuick: boolean) => (isQuick ? 2 : 10);
const serverRounds = (isQuick: boolean) => (isQuick ? 1 : 10);
const DRAIN_MS = 1_000;
const RUNTIMES = ["Bun", "Deno"] as const;

export const rollingRestart: ChaosRow = {
  number: "15",
  name: "rolling-restart",
  load: "100 commits/s, 2 workers, answers after 50 ms; queries and mutations of 6 clients on 2 servers, one of Bun, one of Deno",
  fault: (isQuick) =>
    `${rounds(isQuick)} × each worker, ${serverRounds(isQuick)} × each server: SIGTERM, then another in its place; the balancer goes by /health/ready and sends nothing twice`,
  happens: (isQuick) => ({
    restarted: rounds(isQuick) * 2,
    "server restarted": serverRounds(isQuick) * RUNTIMES.length,
    "long requests under way": serverRounds(isQuick) * RUNTIMES.length,
    "requests answered": serverRounds(isQuick) * 200,
  }),
  run: ({ seed, isQuick }) =>
    throughPipeline({ seed, workers: 2, setup: GRAPHQL_LOAD_SETUP }, async (pipeline) => {
      pipeline.receiver.answer(late(50));
      const balancer = createBalancer();
      const servers = await Promise.all(RUNTIMES.map((runtime) => serve(pipeline, balancer, runtime)));
      const load = startGraphqlLoad(balancer);
      const broken = [
        ...(await restartWorkers(pipeline, rounds(isQuick))),
        ...(await restartServers(pipeline, balancer, servers, serverRounds(isQuick))),
      ];
      const acknowledged = await load.stop();
      for (const { url } of servers) balancer.remove(new URL(url).origin);
      pipeline.happened("requests answered", load.answered);
      if (load.failed.length > 0) broken.push(`${load.failed.length} requests failed, the first: ${load.failed[0]}`);
      const [again] = await pipeline.admin<{ count: number }[]>`
        select count(*)::integer as count from fraiseql.attempts where outcome <> 'done' or attempt > 1`;
      if (again && again.count > 0) broken.push(`${again.count} attempts failed or were made again`);
      return { acknowledged, broken };
    }),
};

async function restartWorkers(pipeline: Pipeline, times: number): Promise<string[]> {
  const { workers, start, run, random, recovered, happened } = pipeline;
  const broken: string[] = [];
  for (let done = 0; done < times * workers.length; done += 1) {
    await run(random(500));
    const at = done % workers.length;
    const code = await workers[at]?.terminate();
    if (code !== 0) broken.push(`a worker that was told to stop ended with ${code}`);
    workers[at] = await start();
    happened("restarted");
    await recovered();
  }
  return broken;
}

async function restartServers(
  pipeline: Pipeline,
  balancer: Balancer,
  servers: ServerProcess[],
  times: number,
): Promise<string[]> {
  const broken: string[] = [];
  for (let done = 0; done < times * servers.length; done += 1) {
    const at = done % servers.length;
    const [server, runtime] = [servers[at], RUNTIMES[at]];
    if (!server || !runtime) continue;
    const { origin } = new URL(server.url);
    // Only a long one is under way for so long, and is when the port is closed.
    const isLong = (at: number) => performance.now() - at > 100 && performance.now() - at < WAITED_MS - DRAIN_MS - 100;
    await pipeline.until("a long request is under way", () => balancer.underWay(origin).some(isLong));
    pipeline.happened("long requests under way");
    const code = await server.stop();
    if (code !== 0) broken.push(`a server of ${runtime} that was told to stop ended with ${code}`);
    balancer.remove(origin);
    servers[at] = await serve(pipeline, balancer, runtime);
    pipeline.happened("server restarted");
  }
  return broken;
}

async function serve({ serve, until }: Pipeline, balancer: Balancer, runtime: (typeof RUNTIMES)[number]) {
  const server = await serve(runtime, { FRAISEQL_SERVER_DRAIN_MS: String(DRAIN_MS) });
  const { origin } = new URL(server.url);
  balancer.add(origin);
  await until("the server is ready", () => balancer.isReady(origin));
  return server;
}
