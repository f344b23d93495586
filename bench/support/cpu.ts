/** CPU time and memory of processes, from /proc (Linux). */
import { readdirSync, readFileSync } from "node:fs";

/** What is left of a file of /proc; empty for a process that has ended meanwhile. */
function procFile(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return "";
  }
}

/** Microseconds on a CPU by thread: a thread that ends takes its count with it. */
export type ThreadTimes = ReadonlyMap<string, number>;

export function threadTimes(pid: number): ThreadTimes {
  return new Map(
    threads(pid).map((thread) => [thread, Number(procFile(`${pid}/task/${thread}/schedstat`).split(" ", 1)[0]) / 1000]),
  );
}

/** Microseconds of CPU that a process used between two readings. */
export function usedBetween(before: ThreadTimes, after: ThreadTimes): number {
  let total = 0;
  for (const [thread, time] of after) total += time - (before.get(thread) ?? 0);
  return total;
}

function threads(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Fields of /proc/PID/stat after the command's name; the first is the state. */
function stat(pid: number): readonly string[] {
  const text = procFile(`${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** The process that started this one: of a backend, PostgreSQL's postmaster. */
export function parentOf(pid: number): number {
  return Number(stat(pid)[1]);
}

const TICK_MICROSECONDS = 10_000;
const NOTHING: ThreadTimes = new Map();

/** Microseconds of CPU of PostgreSQL: the postmaster, its living children and those it has reaped. */
export function postgresCpu(postmaster: number): number {
  const reaped = (Number(stat(postmaster)[13]) + Number(stat(postmaster)[14])) * TICK_MICROSECONDS;
  return [postmaster, ...childrenOf(postmaster)].reduce(
    (sum, pid) => sum + usedBetween(NOTHING, threadTimes(pid)),
    reaped,
  );
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === parent);
}

/** Resident memory in MiB. */
export function residentMemory(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(procFile(`${pid}/status`))?.[1] ?? 0) / 1024;
}

/** The most a process has held in MiB, since its start or since `5` was written to its `clear_refs`. */
export function peakMemory(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(procFile(`${pid}/status`))?.[1] ?? 0) / 1024;
}

/** Microseconds of CPU of the whole machine, without idle and waiting. */
export function machineCpu(): number {
  const fields = procFile("stat").split("\n", 1)[0]?.trim().split(/\s+/).slice(1).map(Number) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields;
  return (user + nice + system + irq + softirq) * TICK_MICROSECONDS;
}
