/**
 * `bun run bench:beside [--quick]`: does a point read stay quick while four clients fetch 10,000 rows each, over and
 * over? The floor runs the same, to tell what is ours from what is PostgreSQL's share of the cores.
 */
import { parseArgs } from "node:util";
import type { Contender, OperationName } from "./data/data-set.ts";
import { requestBody } from "./data/data-set.ts";
import { dataSet } from "./data/data-sets.ts";
import { barLine, short } from "./support/bars.ts";
import { startContenders } from "./support/contenders.ts";
import { startDatabase } from "./support/database.ts";
import { type LoadOrder, startLoadGenerator } from "./support/load.ts";
import { machineLine } from "./support/machine.ts";
import type { Server } from "./support/servers.ts";
import { median } from "./support/statistics.ts";

const READERS = 16;
const DUMPS = 4;
const { values: flags } = parseArgs({ options: { quick: { type: "boolean" } } });
const [rounds, milliseconds] = flags.quick ? [3, 1_000] : [7, 4_000];
const data = dataSet("world");

function order(server: Server, contender: Contender, name: OperationName, connections: number): LoadOrder {
  const operation = data.operations.find((each) => each.name === name);
  if (!operation) throw new Error(`No operation ${name}.`);
  const bodies = operation.variables.map((variables) => requestBody(operation, contender, variables));
  return { port: server.port, path: server.path, bodies, connections, milliseconds };
}

const database = await startDatabase(data.name);
const [readers, dumps] = [startLoadGenerator(), startLoadGenerator()];
let servers: ReadonlyMap<Contender, Server> = new Map();
const worst = new Map<Contender, number>();
try {
  servers = await startContenders(["floor", "fraiseql"], database, data);
  process.stdout.write(`${machineLine()}\nversions PostgreSQL ${database.version}, bun ${Bun.version}\n`);
  process.stdout.write(
    `set-up   ${READERS} connections reading by key, alone and beside ${DUMPS} fetching 10,000 rows; ${rounds} x ${milliseconds} ms\n\n`,
  );
  for (const [contender, server] of servers) {
    const read = order(server, contender, "key", READERS);
    const dump = order(server, contender, "rows10000", DUMPS);
    await readers.run(read);
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const alone = await readers.run(read);
      const [dumped, beside] = await Promise.all([dumps.run(dump), readers.run(read)]);
      ratios.push(beside.p99 / alone.p99);
      process.stdout.write(
        `${contender.padEnd(9)} alone p50 ${short(alone.p50)} p99 ${short(alone.p99)} ms; beside p50 ${short(beside.p50)} p99 ${short(beside.p99)} ms, ` +
          `${short(beside.requests / (beside.milliseconds / 1000))} reads/s and ${short(dumped.requests / (dumped.milliseconds / 1000))} dumps/s\n`,
      );
    }
    worst.set(contender, median(ratios));
  }
  process.stdout.write(
    `\nfloor for comparison: p99 beside is ${short(worst.get("floor") ?? Number.NaN)} times that alone\n`,
  );
  process.stdout.write(
    `${barLine({ name: "p99-beside-dumps", value: worst.get("fraiseql") ?? Number.NaN, target: { atMost: 5 } })}\n`,
  );
} finally {
  readers.stop();
  dumps.stop();
  for (const server of servers.values()) await server.stop();
  await database.stop();
}
