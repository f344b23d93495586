/**
 * `bun run bench:graphql [--quick] [--data world|sakila] [--operations reads|writes|all] [--only OPERATION]`: FraiseQL beside
 * PostGraphile, Mercurius and the floor, on one database in one run.
 */
import { parseArgs } from "node:util";
import type { Operation } from "./data/data-set.ts";
import { dataSet } from "./data/data-sets.ts";
import { type Bench, type Cell, measure, type Schedule, typical, warmUp } from "./graphql/measure.ts";
import { bars, floorRatios, tables } from "./graphql/report.ts";
import { requireSameAnswers } from "./graphql/same-answers.ts";
import { createWrittenTable } from "./graphql/written-table.ts";
import { barLine } from "./support/bars.ts";
import { POOL_MAX, startContenders } from "./support/contenders.ts";
import { startDatabase } from "./support/database.ts";
import { startLoadGenerator } from "./support/load.ts";
import { machineLine } from "./support/machine.ts";
import { installPeers, peerVersions } from "./support/peers.ts";
import type { Server } from "./support/servers.ts";
import { median } from "./support/statistics.ts";

const FULL: Schedule = {
  connections: [16, 64],
  rounds: 5,
  heavyRounds: 3,
  firstWarmUpMs: 800,
  warmUpMs: 2_000,
  sampleMs: 1_500,
};
const QUICK: Schedule = {
  connections: [16, 64],
  rounds: 3,
  heavyRounds: 1,
  firstWarmUpMs: 400,
  warmUpMs: 150,
  sampleMs: 80,
};

async function run(bench: Bench, operations: readonly Operation[], schedule: Schedule): Promise<readonly Cell[]> {
  const contenders = [...bench.servers.keys()];
  for (const operation of operations) await requireSameAnswers(operation, bench);
  print(`answers  equal on ${operations.length} operations\n`);
  const [first] = operations;
  // The first operation finds every server cold, and their compilers need the most time.
  for (const connections of schedule.connections)
    if (first) await warmUp(bench, first, connections, schedule.firstWarmUpMs);
  const cells: Cell[] = [];
  for (const operation of operations) {
    process.stderr.write(`measuring ${operation.name}\n`);
    cells.push(...(await measure(bench, operation, schedule)));
  }
  for (const connections of schedule.connections) {
    const level = cells.filter((cell) => cell.connections === connections);
    print(`${tables(level, contenders)}\n`);
  }
  const others = median(cells.flatMap((cell) => contenders.map((contender) => typical(cell, contender, "otherCpu"))));
  print(`the floor itself, geometric mean of the operations: ${floorRatios(cells)}`);
  print(`cores used by the load generator and by other work on the machine, median: ${others.toFixed(2)}\n`);
  return cells;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** @throws Error where nothing is left to be measured */
function chosen(
  all: readonly Operation[],
  { operations, only }: { readonly operations: string; readonly only?: readonly string[] | undefined },
): readonly Operation[] {
  const kinds: Readonly<Record<string, readonly Operation[]>> = {
    all,
    reads: all.filter(({ write }) => !write),
    writes: all.filter(({ write }) => write),
  };
  const found = (kinds[operations] ?? []).filter(({ name }) => only?.includes(name) ?? true);
  if (found.length > 0) return found;
  const names = all.map(({ name }) => name).join(", ");
  throw new Error(`No operation is chosen: --operations takes reads, writes or all, --only one of ${names}.`);
}

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean" },
    data: { type: "string", default: "world" },
    operations: { type: "string", default: "all" },
    only: { type: "string", multiple: true },
  },
});
const schedule = flags.quick ? QUICK : FULL;
const data = dataSet(flags.data);
await installPeers();
const database = await startDatabase(data.name);
const table = await createWrittenTable(database.url);
const load = startLoadGenerator();
let servers: ReadonlyMap<string, Server> = new Map();
try {
  const contenders = await startContenders(["fraiseql", "floor", "mercurius", "postgraphile"], database, data);
  servers = contenders;
  print(machineLine());
  print(`versions PostgreSQL ${database.version}, bun ${Bun.version}, ${await peerVersions()}`);
  print(
    `set-up   data ${data.name}; ${schedule.rounds} x ${schedule.sampleMs} ms; each server one process, ${POOL_MAX} database connections`,
  );
  const operations = chosen(data.operations, flags);
  const cells = await run({ servers: contenders, postmaster: database.postmaster, load, table }, operations, schedule);
  for (const bar of bars(cells)) print(barLine(bar));
} finally {
  load.stop();
  await table.close();
  for (const server of servers.values()) await server.stop();
  await database.stop();
}
