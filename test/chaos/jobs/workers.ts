import { join } from "node:path";
import { takeLines } from "../take-lines.ts";

export type WorkerProcess = {
  /** As a machine that fails ends it; whether it ran until then. */
  kill(): Promise<boolean>;
  /** As an operator ends it: it drains. Its exit code. */
  terminate(): Promise<number>;
  /** Stops it where it stands, and lets it go on; whether it ran. */
  freeze(): boolean;
  thaw(): void;
};

export type WorkerOptions = {
  readonly only?: string;
  readonly log: (line: string) => void;
  /** A file in place of the machine's `resolv.conf`. */
  readonly resolvConf?: string;
};

const PROGRAM = join(import.meta.dir, "../../../src/cli/main.ts");

/** @throws Error with what the command printed when it did not end well */
export async function runCommand(env: Readonly<Record<string, string>>, args: readonly string[]): Promise<void> {
  const child = Bun.spawn([process.execPath, PROGRAM, ...args], {
    cwd: env["FRAISEQL_EMBEDDED_DIRECTORY"] ?? "/",
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`fraiseql ${args.join(" ")}: ${said}`);
}

/** Reads another `resolv.conf` than the machine. Only root may. */
const ASKING = ["unshare", "--mount", "sh", "-c", 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"', "sh"];

/** Why no process can be given name servers of its own; undefined where it can. */
export async function namespaceRefusal(): Promise<string | undefined> {
  const child = Bun.spawn(["unshare", "--mount", "true"], { stdout: "ignore", stderr: "pipe" });
  const said = await new Response(child.stderr).text();
  return (await child.exited) === 0 ? undefined : said.trim();
}

/** `fraiseql workers` in a process of its own; resolves when it runs. Lines of its log go to `log`. */
export async function startWorker(
  env: Readonly<Record<string, string>>,
  { only, log, resolvConf }: WorkerOptions,
): Promise<WorkerProcess> {
  const parts = only === undefined ? [] : ["--only", only];
  const asking = resolvConf === undefined ? [] : [...ASKING, resolvConf];
  const child = Bun.spawn([...asking, process.execPath, PROGRAM, "workers", "--port", "0", ...parts], {
    cwd: env["FRAISEQL_EMBEDDED_DIRECTORY"] ?? "/",
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const lines = takeLines(child.stderr, log);
  const running = Promise.withResolvers<void>();
  void takeLines(child.stdout, (line) => line.includes('"running"') && running.resolve());
  void child.exited.then(async (code) => {
    await lines;
    running.reject(new Error(`the workers ended with ${code}`));
  });
  await running.promise;
  return {
    kill: async () => {
      child.kill("SIGKILL");
      await child.exited;
      return child.signalCode === "SIGKILL";
    },
    terminate: () => {
      child.kill("SIGTERM");
      return child.exited;
    },
    freeze: () => {
      child.kill("SIGSTOP");
      return child.exitCode === null && child.signalCode === null;
    },
    thaw: () => child.kill("SIGCONT"),
  };
}
