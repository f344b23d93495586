import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { FraiseqlError } from "../../core/errors.ts";
import type { Account } from "./account.ts";
import { commandLineOf, startTimeOf } from "./process-identity.ts";

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
const POLL_MS = 20;
const START_DEADLINE_MS = 60_000;
const RETRY_MS = 200;
const STILL_IN_USE = "pre-existing shared memory block";
const STOP_DEADLINE_MS = 15_000;

/**
 * PostgreSQL runs below a shell that holds the read end of a pipe. When this process ends, in whatever way, the pipe
 * closes and the shell asks PostgreSQL to shut down: `kill -9` leaves no server behind.
 */
const SUPERVISOR = `
exec 3<&0
"$@" 3<&- &
server=$!
( read -r line <&3; kill -INT "$server" ) &
watcher=$!
wait "$server"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`;

export type Postmaster = { stop(): Promise<void> };

export type PostmasterOptions = {
  readonly postgres: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly account: Account;
};

/**
 * Starts PostgreSQL on an existing data directory and waits until it accepts connections. Where a server was killed,
 * those of its processes that were busy live on until their statement ends; PostgreSQL does not start beside them.
 */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const deadline = performance.now() + START_DEADLINE_MS;
  for (;;) {
    try {
      return await startOnce(options);
    } catch (error) {
      const waiting = error instanceof FraiseqlError && error.message.includes(STILL_IN_USE);
      if (!waiting || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function startOnce(options: PostmasterOptions): Promise<Postmaster> {
  // The folder is the account's: a link it put there must not lead root to another file.
  const log = await open(options.logFile, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  const logStart = (await log.stat()).size;
  // Who starts it next may not be root.
  if (options.account) await log.chown(options.account.uid, options.account.gid);
  const settings = Object.entries(options.settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const command = [options.postgres, "-D", options.dataDirectory, "-p", String(options.port), ...settings];
  const supervisor = spawn("/bin/sh", ["-c", SUPERVISOR, "sh", ...command], {
    stdio: ["pipe", log.fd, log.fd],
    detached: true,
    cwd: "/",
    ...options.account,
  });
  const exited = once(supervisor, "exit");
  try {
    await waitUntilReady(supervisor, options.dataDirectory);
  } catch (error) {
    supervisor.stdin?.end();
    throw new FraiseqlError(
      "DATABASE_UNAVAILABLE",
      `The embedded PostgreSQL did not start: ${await lastComplaint(options.logFile, logStart)} The whole log: ${options.logFile}`,
      { cause: error },
    );
  } finally {
    await log.close();
  }
  // Neither the child nor its pipe may keep a program alive that has nothing else to do.
  supervisor.unref();
  return { stop: () => stop(supervisor, exited, options.dataDirectory) };
}

/** PostgreSQL writes `ready` into the eighth line of its lock file once it accepts connections. */
async function waitUntilReady(supervisor: ChildProcess, dataDirectory: string): Promise<void> {
  const deadline = performance.now() + START_DEADLINE_MS;
  while ((await lockFileOf(dataDirectory))?.[7]?.trim() !== "ready") {
    if (supervisor.exitCode !== null || supervisor.signalCode !== null) throw new Error("it exited");
    if (performance.now() > deadline) throw new Error(`not ready after ${START_DEADLINE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function stop(supervisor: ChildProcess, exited: Promise<unknown>, dataDirectory: string): Promise<void> {
  if (supervisor.exitCode !== null || supervisor.signalCode !== null) return;
  supervisor.ref();
  supervisor.stdin?.end();
  const pid = Number((await lockFileOf(dataDirectory))?.[0]);
  const timer = setTimeout(() => pid > 0 && process.kill(pid, "SIGQUIT"), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(timer);
}

/**
 * Clears what an earlier run left: a server nobody owns any more is stopped, a lock file without a server removed. Only
 * for the holder of the directory's claim.
 */
export async function recoverDirectory(dataDirectory: string): Promise<void> {
  const pid = Number((await lockFileOf(dataDirectory))?.[0]);
  if (pid > 0 && commandLineOf(pid)?.includes(dataDirectory)) await stopOrphan(pid);
  await rm(join(dataDirectory, "postmaster.pid"), { force: true });
}

async function stopOrphan(pid: number): Promise<void> {
  const startTime = startTimeOf(pid);
  const alive = () => startTime !== undefined && startTimeOf(pid) === startTime;
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    if (alive()) process.kill(pid, signal);
    const deadline = performance.now() + STOP_DEADLINE_MS;
    while (alive() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function lockFileOf(dataDirectory: string): Promise<readonly string[] | undefined> {
  try {
    return (await readFile(join(dataDirectory, "postmaster.pid"), "utf8")).split("\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function lastComplaint(logFile: string, from: number): Promise<string> {
  const lines = (await readFile(logFile)).subarray(from).toString("utf8").trim().split("\n");
  // A process of the server before may write its last line behind it.
  const inUse = lines.findLast((line) => line.includes(STILL_IN_USE));
  return inUse ?? lines.findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? lines.at(-1) ?? "";
}
