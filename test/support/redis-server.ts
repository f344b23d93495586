/** A real Redis of its own for a test: on a free port, in a temporary folder, with an append-only file. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";

const BINARY = "/usr/bin/redis-server";

/**
 * Why tests on Redis are skipped; undefined where they run. `FRAISEQL_TEST_REDIS=1` makes a missing server a failure.
 */
export const REDIS_MISSING =
  existsSync(BINARY) || process.env["FRAISEQL_TEST_REDIS"] === "1" ? undefined : `there is no ${BINARY}`;

export type RedisServer = {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  /** Ends it as a power cut would end it, but for what the kernel has to write. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Stops the process where it stands, and lets it go on. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
};

/** @param settings of redis.conf, beside `appendonly yes` and `appendfsync everysec` */
export async function startRedis(
  settings: Readonly<Record<string, string | readonly string[]>> = {},
  speaks: "plain" | "tls" = "plain",
): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-redis-"));
  const port = await freePort();
  const ports = speaks === "tls" ? { port: "0", "tls-port": `${port}` } : { port: `${port}` };
  const all = { appendonly: "yes", save: "", ...ports, bind: "127.0.0.1", dir: directory, ...settings };
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, ...[value].flat()]);
  let server = await started(args);
  const ended = async () => {
    server.kill("SIGKILL");
    await server.exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    directory,
    kill: ended,
    restart: async () => {
      server = await started(args);
    },
    freeze: () => server.kill("SIGSTOP"),
    thaw: () => server.kill("SIGCONT"),
    stop: async () => {
      await ended();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function started(args: readonly string[]) {
  const server = Bun.spawn([BINARY, ...args], { stdout: "pipe", stderr: "inherit" });
  const end = () => server.kill("SIGKILL");
  process.once("exit", end);
  void server.exited.then(() => process.off("exit", end));
  let log = "";
  for await (const chunk of server.stdout.pipeThrough(new TextDecoderStream())) {
    log += chunk;
    if (log.includes("Ready to accept connections")) {
      return server;
    }
  }
  throw new Error(`redis-server did not start:\n${log}`);
}
