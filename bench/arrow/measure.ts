import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { linesOf } from "../../test/support/lines-of.ts";
import { peakMemory, postgresCpu, type ThreadTimes, threadTimes, usedBetween } from "../support/cpu.ts";
import type { Answered, Ask } from "./client.ts";
import { askOf, type Contender, type Servers, serverOf } from "./contenders.ts";
import { type EventsDatabase, type Shape, statementOf } from "./events.ts";

export type Sample = Answered & {
  /** Milliseconds for one answer. */
  readonly serverCpu: number;
  readonly postgresCpu: number;
  /** Most the server held while it answered, in MiB. */
  readonly memory: number;
};

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export async function sample(
  contender: Contender,
  { shape, rows, compress = false }: { readonly shape: Shape; readonly rows: number; readonly compress?: boolean },
  servers: Servers,
  database: EventsDatabase,
): Promise<Sample> {
  if (contender === "floor") {
    return run([script("copy-floor.ts"), database.url, statementOf(shape, rows)], undefined, 1, database);
  }
  const ask = { ...askOf(contender, servers, shape, rows), compress };
  return sampleOf(ask, serverOf(contender, servers).pid, database);
}

/** @param pid - of the server that answers */
export function sampleOf(ask: Ask, pid: number, database: EventsDatabase): Promise<Sample> {
  return run([script("client.ts"), JSON.stringify(ask)], pid, ask.repeat, database);
}

async function run(
  command: readonly string[],
  pid: number | undefined,
  repeat: number,
  { postmaster }: EventsDatabase,
): Promise<Sample> {
  const child = Bun.spawn([process.execPath, ...command], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  const complaints = new Response(child.stderr).text();
  const lines = linesOf(child.stdout);
  if ((await lines.next()).value !== "warm") throw new Error(await complaints);
  // The floor's process only counts; it is the client, and there is no server.
  const server = (): ThreadTimes => (pid === undefined ? new Map() : threadTimes(pid));
  if (pid !== undefined) writeFileSync(`/proc/${pid}/clear_refs`, "5");
  const [serverBefore, postgresBefore] = [server(), postgresCpu(postmaster)];
  child.stdin.write("go\n");
  child.stdin.end();
  const { value } = await lines.next();
  if (value === undefined) throw new Error(await complaints);
  const [serverAfter, postgresAfter] = [server(), postgresCpu(postmaster)];
  await child.exited;
  return {
    ...(JSON.parse(value) as Answered),
    serverCpu: usedBetween(serverBefore, serverAfter) / 1000 / repeat,
    postgresCpu: (postgresAfter - postgresBefore) / 1000 / repeat,
    memory: pid === undefined ? 0 : peakMemory(pid),
  };
}
