import { type Contender, type Operation, requestBody } from "../data/data-set.ts";
import { machineCpu, postgresCpu, residentMemory, type ThreadTimes, threadTimes, usedBetween } from "../support/cpu.ts";
import type { LoadGenerator } from "../support/load.ts";
import type { Server } from "../support/servers.ts";
import { median } from "../support/statistics.ts";
import type { WrittenTable } from "./written-table.ts";

/** What one server did with one operation for one stretch of time. Times are milliseconds, CPU microseconds per request. */
export type Sample = {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly serverCpu: number;
  readonly postgresCpu: number;
  /** Resident memory of the server when the last answer is out, in MiB. */
  readonly memory: number;
  /** Share of the machine that processes outside this benchmark used, with that of the load generator. */
  readonly otherCpu: number;
};

export type Cell = {
  readonly operation: string;
  readonly writes: boolean;
  readonly connections: number;
  /** Samples by contender, one per round: the n-th of each were taken right after one another. */
  readonly samples: Readonly<Record<Contender, readonly Sample[]>>;
};

export type Schedule = {
  readonly connections: readonly number[];
  readonly rounds: number;
  /** Rounds of an operation whose answers take so long that a sample is mostly waiting for the last of them. */
  readonly heavyRounds: number;
  /** The first operation finds every server cold. */
  readonly firstWarmUpMs: number;
  readonly warmUpMs: number;
  readonly sampleMs: number;
};

export type Bench = {
  readonly servers: ReadonlyMap<Contender, Server>;
  readonly postmaster: number;
  readonly load: LoadGenerator;
  readonly table: WrittenTable;
};

/**
 * All contenders on one operation, taking turns. Every other round goes backwards, so that nobody always follows the same
 * neighbour.
 *
 * @returns one cell for each number of connections
 */
export async function measure(bench: Bench, operation: Operation, schedule: Schedule): Promise<readonly Cell[]> {
  const contenders = [...bench.servers.keys()];
  await warmUp(bench, operation, Math.min(...schedule.connections), schedule.warmUpMs);
  const rounds = operation.isHeavy ? schedule.heavyRounds : schedule.rounds;
  const cells: Cell[] = [];
  for (const connections of schedule.connections) {
    const samples: Record<Contender, Sample[]> = { fraiseql: [], floor: [], mercurius: [], postgraphile: [] };
    for (let round = 0; round < rounds; round++) {
      for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
        samples[contender].push(await sample(bench, operation, contender, connections, schedule.sampleMs));
      }
    }
    cells.push({ operation: operation.name, writes: operation.write !== undefined, connections, samples });
  }
  return cells;
}

/** Keeps every server busy for a while, one after the other, and forgets what came of it. */
export async function warmUp(
  bench: Bench,
  operation: Operation,
  connections: number,
  milliseconds: number,
): Promise<void> {
  for (const contender of bench.servers.keys()) await sample(bench, operation, contender, connections, milliseconds);
}

async function sample(
  bench: Bench,
  operation: Operation,
  contender: Contender,
  connections: number,
  milliseconds: number,
): Promise<Sample> {
  const server = bench.servers.get(contender);
  if (!server) throw new Error(`${contender} was not started.`);
  const bodies = operation.variables.map((variables) => requestBody(operation, contender, variables));
  await bench.table.reset(operation);
  const before = cpu(bench, server);
  const result = await bench.load.run({ port: server.port, path: server.path, bodies, connections, milliseconds });
  const after = cpu(bench, server);
  const memory = residentMemory(server.pid);
  await quiet(server);
  const serverCpu = usedBetween(before.server, after.server);
  const own = serverCpu + after.postgres - before.postgres;
  return {
    requestsPerSecond: (result.requests / result.milliseconds) * 1000,
    p50: result.p50,
    p99: result.p99,
    serverCpu: serverCpu / result.requests,
    postgresCpu: (after.postgres - before.postgres) / result.requests,
    memory,
    otherCpu: (after.machine - before.machine - own) / (result.milliseconds * 1000),
  };
}

const QUIET_MS = 15;
const QUIET_SHARE = 0.1;
const QUIET_DEADLINE_MS = 2_000;

/** A server may still compile or collect garbage when its answers are out; the next one shall not pay for that. */
async function quiet(server: Server): Promise<void> {
  const deadline = performance.now() + QUIET_DEADLINE_MS;
  for (let before = threadTimes(server.pid); performance.now() < deadline; ) {
    await Bun.sleep(QUIET_MS);
    const now = threadTimes(server.pid);
    if (usedBetween(before, now) < QUIET_MS * 1000 * QUIET_SHARE) return;
    before = now;
  }
}

function cpu(
  bench: Bench,
  server: Server,
): { readonly server: ThreadTimes; readonly postgres: number; readonly machine: number } {
  return { server: threadTimes(server.pid), postgres: postgresCpu(bench.postmaster), machine: machineCpu() };
}

export function typical(cell: Cell, contender: Contender, value: keyof Sample): number {
  return median(cell.samples[contender].map((sample) => sample[value]));
}

/** How ours compares to another, by the middle of the rounds' own ratios: a slow minute of the machine hits both sides. */
export function ratio(cell: Cell, contender: Contender, value: keyof Sample): number {
  return median(
    cell.samples.fraiseql.map((ours, round) => ours[value] / (cell.samples[contender][round]?.[value] ?? Number.NaN)),
  );
}
