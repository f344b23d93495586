/** Two workers as processes before one receiver that is down: what one of them learnt, the other knows. */
import { afterEach, describe, expect, test } from "bun:test";
import { REDIS_MISSING, startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { type WorkerProcess, workerWorld } from "./worker-process.ts";

const BREAKERS = "[breakers]\nfailuresMax = 3\nopenMs = 600000\n";
const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});
async function settingsOf(place: string): Promise<string> {
  if (place === "PostgreSQL") return BREAKERS;
  const redis = await startRedis();
  opened.push(redis.stop);
  return `${BREAKERS}[redis]\nurl = "${redis.url}"\n`;
}

const endings = ({ lines }: WorkerProcess): string[] =>
  lines
    .map((line) => JSON.parse(line))
    .filter(({ kind }) => kind === "attempt-ended")
    .map(({ outcome }) => outcome);

for (const place of ["PostgreSQL", "Redis"]) {
  const missing = place === "PostgreSQL" ? undefined : REDIS_MISSING;
  const name = `Breakers in ${place}${missing === undefined ? "" : ` (skipped: ${missing})`}`;
  describe.skipIf(missing !== undefined)(name, () => {
    test("a receiver that failed one worker is left alone by another that never called it", async () => {
      const world = await workerWorld(`workers_breaker_${place.toLowerCase()}`, await settingsOf(place));
      opened.push(world.close);
      world.receiver.answer = (_, response) => response.writeHead(503).end();
      await world.start("--only", "relay,dispatcher");
      const tripping = await world.start("--only", "job-runner");
      await world.sql("insert into city values (1, 'a')");
      await until(() => endings(tripping).length === 4);
      expect(endings(tripping)).toEqual(["retryable", "retryable", "retryable", "deferred"]);

      const other = await world.start("--only", "job-runner");
      // Either may take a job: there are new ones until the other has taken one.
      for (let id = 2; endings(other).length === 0; id += 1) {
        await world.sql(`insert into city values (${id}, 'a')`);
        await until(() => endings(tripping).length + endings(other).length === 3 + id);
      }
      expect(endings(other)).toEqual(["deferred"]);
      expect(world.receiver.received.map(({ path }) => path)).toEqual(["/1", "/1", "/1"]);
      const { out } = await world.place.run("jobs", "list", "--json");
      const made = JSON.parse(out).deliveries.map(({ attempts }: { attempts: number }) => attempts);
      expect(made.toSorted()).toEqual([...made.slice(1).fill(0), 3]);
    }, 60_000);
  });
}
