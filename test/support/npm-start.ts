import { join } from "node:path";
import { familyOf, gone, isAlive } from "./processes.ts";

const ROOT = join(import.meta.dir, "..", "..");

/** Groups of the servers a test has started. */
const started: number[] = [];

/** For `afterEach`: whatever a failed test left running is ended before the next. */
export async function endStarted(): Promise<void> {
  for (const pid of started.splice(0).filter(isAlive)) {
    const family = familyOf(pid);
    process.kill(-pid, "SIGKILL");
    await gone(...family);
  }
}

type Start = {
  /** For the embedded PostgreSQL and the artifact. */
  directory: string;
  /** Where it runs; by default in this checkout. */
  checkout?: string;
  command?: string[];
  env?: Record<string, string>;
  uid?: number;
};

/** `npm start` on any free port, in a process group of its own, as a terminal would have it. */
export async function npmStart({ directory, checkout = ROOT, command = ["npm", "start"], env = {}, uid }: Start) {
  const { DATABASE_URL: _, ...inherited } = process.env;
  const child = Bun.spawn(command, {
    cwd: checkout,
    env: { ...inherited, PORT: "0", FRAISEQL_EMBEDDED_DIRECTORY: directory, ...env },
    detached: true,
    stdout: "pipe",
    stderr: "pipe",
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  started.push(child.pid);
  const printed = { text: "" };
  const read = async (stream: ReadableStream<Uint8Array>, until: string) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      printed.text += decoder.decode(chunk, { stream: true });
      if (printed.text.includes(until)) ready.resolve();
    }
  };
  const ready = Promise.withResolvers<void>();
  const ended = Promise.all([
    read(child.stdout, "Ctrl-C stops it."),
    read(child.stderr, "Ctrl-C stops it."),
    child.exited,
  ]);
  await Promise.race([ready.promise, ended]);
  return {
    pid: child.pid,
    ended: ended.then(([, , code]) => code),
    printed: () => printed.text,
    url: /http:\S+(?=\/graphql)/.exec(printed.text)?.[0] ?? "",
    databaseUrl: /postgres:\S+/.exec(printed.text)?.[0] ?? "",
    curl: /^ *(curl .*)$/m.exec(printed.text)?.[1] ?? "",
    /** What Ctrl-C does: the signal goes to every process of the group. */
    async interrupt() {
      const family = familyOf(child.pid);
      process.kill(-child.pid, "SIGINT");
      await gone(...family);
      return family;
    },
  };
}

/** Runs a command line as if it were pasted into a terminal; it must print JSON. */
export async function paste(command: string): Promise<unknown> {
  const shell = Bun.spawn(["sh", "-c", command], { stdout: "pipe", stderr: "inherit" });
  return new Response(shell.stdout).json();
}
