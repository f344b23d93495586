/** A server process from its first line to its last, whichever runtime listens. */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { type Edge, openEdge } from "../src/compose/edge.ts";
import { environment } from "../src/config/environment.ts";
import { loadConfig } from "../src/config/load-config.ts";
import type { Config } from "../src/config/schema.ts";
import { FraiseqlError } from "../src/core/errors.ts";
import { createFaultLog } from "./fault-log.ts";
import type { RouteParts } from "./route-parts.ts";

/** A listening socket. */
export type Served = {
  /** Without a path: `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Takes no new request; resolves when those begun are answered. */
  stop(): Promise<void>;
  /** Cuts what is left. */
  kill(): void;
};

export type Listen = (parts: RouteParts, server: Config["server"]) => Served;

export type ServerInput = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called once, when requests are taken. */
  readonly onListening?: (url: string) => void;
};

const CONFIG_FILE = "fraiseql.toml";

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
  const config = loadConfig({ toml: await readConfigFile(env["FRAISEQL_CONFIG"]), env });
  const artifact = await readArtifact(config.artifact.path);
  const edge = await openEdge({ config, artifact, report: createFaultLog((line) => console.error(line)) });
  try {
    await verifyOrWait(edge);
    const served = listenOn(listen, edge, config);
    (input.onListening ?? ((url) => console.log(`FraiseQL answers on ${url}/graphql`)))(served.url);
    await stopSignal();
    await stopWithin(served, config.server.stopMs);
  } finally {
    await edge.close();
  }
}

export async function readConfigFile(named: string | undefined): Promise<string | undefined> {
  const path = named ?? CONFIG_FILE;
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (named === undefined && isMissing(cause)) return undefined;
    throw new FraiseqlError("CONFIG_INVALID", `The configuration file ${path} cannot be read.`, { cause });
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

/** A database that is away now may come back; one that does not fit the artifact stops the start. */
async function verifyOrWait(edge: Edge): Promise<void> {
  try {
    await edge.verify();
  } catch (error) {
    if (!(error instanceof FraiseqlError) || error.code !== "DATABASE_UNAVAILABLE") throw error;
    console.error(`${error.code}: ${error.message} Requests are answered with 503 until the database is there.`);
  }
}

function listenOn(listen: Listen, edge: Edge, config: Config): Served {
  try {
    return listen(edge, config.server);
  } catch (cause) {
    const { host, port } = config.server;
    const message = `Nothing can listen on ${host}:${port}; is another server running there? Choose another port with PORT.`;
    throw new FraiseqlError("CONFIG_INVALID", message, { cause });
  }
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

async function stopWithin(served: Served, milliseconds: number): Promise<void> {
  const timer = setTimeout(() => served.kill(), milliseconds);
  await served.stop();
  clearTimeout(timer);
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";
