/** `bun run example:chart`: a million rows in a PostgreSQL that comes along, and a page that draws them as they come. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stopSignal } from "../../routes/stop-signal.ts";
import { startEmbeddedDatabase } from "../../src/compose/embedded.ts";
import { environment } from "../../src/config/environment.ts";
import { loadSun, sunVersion } from "./load.ts";
import { serveChart } from "./serve-chart.ts";

const directory = join(import.meta.dir, "..", "..", ".fraiseql", "chart");
const database = await startEmbeddedDatabase({
  directory,
  contents: { name: "sun", version: await sunVersion(), load: loadSun },
  progress: (line) => console.error(line),
});
const server = await serveChart(database.url, Number(environment()["PORT"] ?? 8001));
// For `fraiseql generate`.
await writeFile(join(directory, "schema.compiled.json"), server.artifact);
console.log(`The chart is at ${server.url}\nCtrl-C stops it.`);
await stopSignal();
await server.stop();
await database.stop();
