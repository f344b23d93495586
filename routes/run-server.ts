/** A server process from its first line to its last, whichever runtime listens. */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { type Edge, openEdge } from "../src/compose/edge.ts";
import { readConfig } from "../src/config/config-file.ts";
import { type Environment, environment } from "../src/config/environment.ts";
import type { Config } from "../src/config/schema.ts";
import { drainMs } from "../src/config/server-access.ts";
import { FraiseqlError } from "../src/core/errors.ts";
import { createFaultLog } from "./fault-log.ts";
import type { RouteParts } from "./route-parts.ts";
import { stopSignal } from "./stop-signal.ts";

/** A listening socket. */
export type Served = {
  /** Without a path: `http://127.0.0.1:8000`. */
  readonly url: string;
  /** From now on `/health/ready` says no and each answer ends its connection. */
  drain(): void;
  /** Takes no new request; resolves when those begun are answered. */
  stop(): Promise<void>;
  /** Cuts what is left. */
  kill(): void;
};

export type Listen = (parts: RouteParts, server: Config["server"]) => Served;

export type ServerInput = {
  readonly env?: Environment;
  /** Called once, when requests are taken. */
  readonly onListening?: (url: string) => void;
};

/** Serves until the process is told to stop. Whatever keeps it from starting is printed; the exit code is then 1. */
export async function runServer(listen: Listen, input: ServerInput = {}): Promise<void> {
  try {
    await serveUntilStopped(listen, input);
  } catch (error) {
    if (!(error instanceof FraiseqlError)) throw error;
    console.error(`${error.code}: ${error.message}`);
    process.exitCode = 1;
  }
}

/** @throws FraiseqlError CONFIG_INVALID, ARTIFACT_INVALID, ARTIFACT_MISMATCH */
export async function serveUntilStopped(listen: Listen, input: ServerInput): Promise<void> {
  const env = input.env ?? environment();
  const config = await readConfig(env);
  const artifact = await readArtifact(config.artifact.path);
  const log = (line: string) => console.error(line);
  const edge = await openEdge({ config, artifact, report: createFaultLog(log) });
  try {
    await verifyOrWait(edge, log);
    const served = listenOn(listen, edge, config);
    (input.onListening ?? ((url) => console.log(`FraiseQL answers on ${url}/graphql`)))(served.url);
    await stopSignal();
    served.drain();
    await new Promise((resolve) => setTimeout(resolve, drainMs(config.server)));
    await stopWithin(served, config.server.stopMs);
  } finally {
    await edge.close();
  }
}

async function readArtifact(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const message = `There is no artifact at ${path} that can be read; \`fraiseql compile\` makes one.`;
    throw new FraiseqlError("ARTIFACT_INVALID", message, { cause });
  }
}

/**
 * A database that is away now may come back, which is only logged; one that does not fit the artifact is refused.
 *
 * @throws FraiseqlError ARTIFACT_MISMATCH
 */
export async function verifyOrWait(edge: Edge, log: (line: string) => void): Promise<void> {
  try {
    await edge.verify();
  } catch (error) {
    if (!(error instanceof FraiseqlError) || error.code !== "DATABASE_UNAVAILABLE") throw error;
    log(`${error.code}: ${error.message} Requests are answered with 503 until the database is there.`);
  }
}

/** @throws FraiseqlError CONFIG_INVALID when the port is taken or the address is not this machine's */
export function listenOn(listen: Listen, parts: RouteParts, config: Config): Served {
  try {
    return listen(parts, config.server);
  } catch (cause) {
    const { host, port } = config.server;
    const message = `Nothing can listen on ${host}:${port}; is another server running there? Choose another port with PORT or --port.`;
    throw new FraiseqlError("CONFIG_INVALID", message, { cause });
  }
}

async function stopWithin(served: Served, milliseconds: number): Promise<void> {
  const timer = setTimeout(() => served.kill(), milliseconds);
  await served.stop();
  clearTimeout(timer);
}
