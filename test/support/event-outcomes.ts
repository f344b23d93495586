import { compileDatabase } from "../../src/compose/compile-database.ts";
import { openWorkers } from "../../src/compose/workers.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import type { Observation } from "../../src/core/observation.ts";

/**
 * Relays and dispatches as workers do until something came of so many events; what it was, in the order of their positions:
 * `decided`, or why an event was refused.
 *
 * @param env settings beside the database's URL
 */
export async function eventOutcomes(
  url: string,
  count: number,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly [position: number, outcome: string][]> {
  const { artifact } = await compileDatabase(url);
  const config = loadConfig({ env: { DATABASE_URL: url, ...env } });
  const all = Promise.withResolvers<void>();
  const known: [position: number, outcome: string][] = [];
  const observe = (seen: Observation) => {
    if (seen.kind === "part-failed") all.reject(seen.error);
    if (seen.kind !== "event-refused" && seen.kind !== "event-decided") return;
    known.push([Number(seen.eventId.split(":")[1]), seen.kind === "event-refused" ? seen.reason : "decided"]);
    if (known.length === count) all.resolve();
  };
  const workers = await openWorkers({ config, environment: {}, artifact, log: () => {}, observe });
  const stop = new AbortController();
  const running = workers.run(new Set(["relay", "dispatcher"]), stop.signal);
  try {
    await all.promise;
  } finally {
    stop.abort();
    await running;
    await workers.close();
  }
  return known.toSorted(([one], [other]) => one - other);
}
