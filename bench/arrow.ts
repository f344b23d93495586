/**
 * `bun run bench:arrow [--quick] [--rows N] [--shape wide|numeric] [--rounds N]`: one GraphQL list as an Arrow table beside our own
 * JSON, GraphQL Yoga, apache-arrow's builders and the floor, on one database in one run.
 */
import { parseArgs } from "node:util";
import { askOf, type Contender, type Servers, startServers } from "./arrow/contenders.ts";
import { documentOf, type EventsDatabase, SHAPES, type Shape, startEvents } from "./arrow/events.ts";
import { type Sample, sample, sampleOf } from "./arrow/measure.ts";
import { bars, type Cell, table } from "./arrow/report.ts";
import { type Bar, barLine, short } from "./support/bars.ts";
import { machineLine } from "./support/machine.ts";
import { installPeers } from "./support/peers.ts";

const FULL = { rows: [100, 1_000, 10_000, 100_000, 1_000_000], rounds: 5, flat: true };
const QUICK = { rows: [100, 1_000, 10_000, 100_000], rounds: 1, flat: false };
/** With more rows nobody would parse an answer as one text; lines of JSON have the same rows. */
const WHOLE_JSON_ROWS = 100_000;
const STALL_MS = 3_000;

type Setting = { readonly servers: Servers; readonly database: EventsDatabase };

async function measure(shape: Shape, rows: number, rounds: number, { servers, database }: Setting): Promise<Cell> {
  const whole: readonly Contender[] = rows <= WHOLE_JSON_ROWS ? ["json"] : [];
  const contenders: readonly Contender[] = ["floor", "arrow", "cached", "ndjson", ...whole, "yoga", "builders"];
  const samples = new Map<Contender, Sample[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const taken = await sample(contender, { shape, rows, compress: round === 0 }, servers, database);
      samples.get(contender)?.push(taken);
      process.stderr.write(`${rows} ${shape} ${contender} ${short(taken.columns)} ms\n`);
    }
  }
  requireSame(samples, rows);
  return { shape, rows, samples };
}

function requireSame(samples: ReadonlyMap<Contender, readonly Sample[]>, rows: number): void {
  const sum = samples.get("arrow")?.[0]?.sum;
  for (const [contender, [first]] of samples) {
    if (contender === "floor") continue;
    if (first?.rows !== rows || first.sum !== sum)
      throw new Error(`${contender} answered ${first?.rows} rows, ${first?.sum}`);
  }
}

/** Memory of the server with ten times the rows of the largest table, and with a client that stops reading. */
async function flatness({ servers, database }: Setting, rows: number): Promise<readonly Bar[]> {
  const ask = askOf("arrow", servers, "numeric", rows);
  const pid = servers.get("fraiseql")?.pid ?? 0;
  const memory = async (count: number, more: { readonly stallMs?: number } = {}): Promise<number> => {
    const body = JSON.stringify({ query: documentOf("numeric", count, "manyEvents") });
    return (await sampleOf({ ...ask, ...more, repeat: 1, body }, pid, database)).memory;
  };
  const small = await memory(rows / 10);
  const middle = await memory(rows);
  const large = await memory(rows * 10);
  const stalled = await memory(rows * 10, { stallMs: STALL_MS });
  const counts = [rows / 10, rows, rows * 10].join(", ");
  print(
    `RSS MiB with ${counts} rows ${[small, middle, large].map(short).join(", ")}; with a client that stalls ${short(stalled)}\n`,
  );
  return [
    { name: `rss-of-${rows / 10}-rows/${rows * 10}`, value: large / small, target: { atMost: 2 } },
    { name: `rss-of-${rows}-rows/${rows * 10}`, value: large / middle, target: { atMost: 1.25 } },
    { name: `rss-of-${rows}-rows/stalled`, value: stalled / middle, target: { atMost: 1.25 } },
  ];
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean" },
    rows: { type: "string", multiple: true },
    shape: { type: "string", multiple: true },
    rounds: { type: "string" },
  },
});
const schedule = flags.quick ? QUICK : FULL;
const rounds = flags.rounds ? Number(flags.rounds) : schedule.rounds;
const sizes = flags.rows?.map(Number) ?? schedule.rows;
const shapes = SHAPES.filter((shape) => !flags.shape || flags.shape.includes(shape));
const most = Math.max(...sizes);
await installPeers();
const database = await startEvents(most);
const servers: Servers = new Map();
try {
  await startServers(database, servers);
  const setting = { servers, database };
  print(`${machineLine()}\nversions PostgreSQL ${database.version}, bun ${Bun.version}`);
  print(
    `set-up   ${most} events, ${database.buffers} of shared buffers; ${rounds} rounds, a new client process for each\n`,
  );
  const cells: Cell[] = [];
  for (const shape of shapes) {
    for (const rows of sizes) {
      const cell = await measure(shape, rows, rounds, setting);
      cells.push(cell);
      print(`${table(cell)}\n`);
    }
  }
  const flat = schedule.flat ? await flatness(setting, most) : [];
  for (const bar of [...bars(cells), ...flat]) print(barLine(bar));
} finally {
  for (const server of servers.values()) await server.stop();
  await database.stop();
}
