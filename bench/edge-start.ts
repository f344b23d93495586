/**
 * `bun run bench:edge-start`: from the start of the edge bundle's process to the end of its first answer, with the artifact
 * beside it. The check of the artifact against the live database is in it.
 */
import { join } from "node:path";
import { compileDatabase } from "../src/compose/compile-database.ts";
import { startServer, workplace } from "../test/smoke/servers.ts";
import { dataSet } from "./data/data-sets.ts";
import { barLine } from "./support/bars.ts";
import { startDatabase } from "./support/database.ts";
import { machineLine } from "./support/machine.ts";
import { median } from "./support/statistics.ts";

const STARTS = 11;
const query = dataSet("world").operations.find(({ name }) => name === "nested")?.documents.fraiseql ?? "";

const database = await startDatabase("world");
const place = await workplace();
try {
  await Bun.write(join(place.directory, "schema.compiled.json"), (await compileDatabase(database.url)).artifact);
  const times: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const begin = performance.now();
    const server = await startServer("the edge bundle", place, { DATABASE_URL: database.url });
    const headers = { "content-type": "application/json" };
    const response = await fetch(server.url, { method: "POST", headers, body: JSON.stringify({ query }) });
    const answer = await response.text();
    times.push(performance.now() - begin);
    await server.stop();
    if (!answer.startsWith('{"data":')) throw new Error(`not an answer: ${answer}`);
  }
  console.log(machineLine());
  console.log(`starts ${STARTS}, ms: ${times.map((time) => time.toFixed(0)).join(" ")}`);
  console.log(barLine({ name: "edge.start-to-first-answer-ms", value: median(times), target: { atMost: 150 } }));
} finally {
  await place.remove();
  await database.stop();
}
