import { join } from "node:path";

export type WorkerProcess = {
  /** As a machine that fails ends it. */
  kill(): Promise<void>;
  /** As an operator ends it: it drains. Its exit code. */
  terminate(): Promise<number>;
  /** Stops it where it stands, and lets it go on. */
  freeze(): void;
  thaw(): void;
};

/** `fraiseql workers` in a process of its own; resolves when it runs. Lines of its log go to `log`. */
export async function startWorker(
  env: Readonly<Record<string, string>>,
  { only, log }: { readonly only?: string; readonly log: (line: string) => void },
): Promise<WorkerProcess> {
  const program = join(import.meta.dir, "../../../src/cli/main.ts");
  const parts = only === undefined ? [] : ["--only", only];
  const child = Bun.spawn([process.execPath, program, "workers", "--port", "0", ...parts], {
    cwd: env["FRAISEQL_EMBEDDED_DIRECTORY"] ?? "/",
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const lines = linesOf(child.stderr, log);
  const running = Promise.withResolvers<void>();
  void linesOf(child.stdout, (line) => line.includes('"running"') && running.resolve());
  void child.exited.then(async (code) => {
    await lines;
    running.reject(new Error(`the workers ended with ${code}`));
  });
  await running.promise;
  return {
    kill: async () => {
      child.kill("SIGKILL");
      await child.exited;
    },
    terminate: () => {
      child.kill("SIGTERM");
      return child.exited;
    },
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
  };
}

async function linesOf(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
}
