import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * A token that tells this process from every other that ever had or will have the same id: its start time.
 * Undefined when there is no such process.
 */
export function startTimeOf(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  if (process.platform === "linux") {
    const stat = readOrUndefined(`/proc/${pid}/stat`);
    // The second field is the command in parentheses and may hold spaces; start time is the 20th field after it.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields?.[0] === "Z" ? undefined : fields?.[19];
  }
  return outputOrUndefined("ps", ["-o", "lstart=", "-p", String(pid)]);
}

/** The command line of a process, words joined by spaces; undefined when it cannot be read. */
export function commandLineOf(pid: number): string | undefined {
  if (process.platform === "linux") return readOrUndefined(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ");
  return outputOrUndefined("ps", ["-o", "command=", "-p", String(pid)]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function outputOrUndefined(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}
