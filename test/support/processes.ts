import { existsSync, readFileSync } from "node:fs";
import { until } from "./until.ts";

/** Whether there is still such a process. One that is over but not yet collected by its parent counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync("/proc/self/stat") || !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

/** Resolves when all of them are gone; the test's own timeout is the limit. */
export function gone(...pids: number[]): Promise<void> {
  return until(() => !pids.some(isAlive));
}

/** The process and everything that came from it, the oldest first. Linux only. */
export function familyOf(pid: number): number[] {
  const children = childrenOf(pid);
  return [pid, ...(children === "" ? [] : children.split(" ").map(Number).flatMap(familyOf))];
}

/** Ends all of them at once; those that have ended by themselves meanwhile are no fault. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** A session of PostgreSQL may end between the look that found it and this one: then it has none. */
function childrenOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}
