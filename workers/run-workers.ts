/** A worker process from its first line to its last. */
import { stopSignal } from "../routes/stop-signal.ts";
import { stopInSteps } from "../src/compose/stop-in-steps.ts";
import { openWorkers, type WorkerPart } from "../src/compose/workers.ts";
import type { Environment } from "../src/config/environment.ts";
import type { Config } from "../src/config/schema.ts";
import { isLoopback } from "../src/config/server-access.ts";
import { FraiseqlError } from "../src/core/errors.ts";
import type { Part } from "./parts.ts";
import { runGateway } from "./run-gateway.ts";
import { createWorkerApp } from "./worker-app.ts";

export type WorkersInput = {
  readonly config: Config;
  /** Where secrets of rules are read. */
  readonly environment: Environment;
  /** The text of `schema.compiled.json`. */
  readonly artifact: string;
  readonly only: ReadonlySet<Part>;
  /** Gets lines of JSON. */
  readonly log: (line: string) => void;
  /** Called once, when the parts run and the port answers. */
  readonly onRunning: (url: string) => void;
  /** Ends the process's work; SIGINT and SIGTERM if left out. */
  readonly stopped?: Promise<void>;
};

/** Attempts that are broken off end in that time, and what else the parts are at. */
const LATE_MS = 10_000;

/**
 * Runs until it is told to stop, then drains: attempts that have begun are waited for, nothing new is taken.
 *
 * @throws FraiseqlError CONFIG_INVALID, ARTIFACT_INVALID, DATABASE_UNAVAILABLE, QUEUE_UNAVAILABLE, BUS_UNAVAILABLE
 */
export async function runWorkers(input: WorkersInput): Promise<void> {
  const { config, log } = input;
  refuseOpenPort(config);
  const workers = await openWorkers({ config, environment: input.environment, artifact: input.artifact, log });
  try {
    const app = createWorkerApp({
      workers,
      token: config.api.token,
      bodyBytesMax: config.limits.bodyBytesMax,
      report: workers.report,
    });
    const server = listen(config, (request) => app.fetch(request));
    const stop = new AbortController();
    const { gateway, others } = partsOf(input.only);
    const onListening = (url: string) =>
      log(JSON.stringify({ time: new Date().toISOString(), level: "info", kind: "gateway-listening", url }));
    const parts = [
      workers.run(others, stop.signal),
      ...(gateway ? [runGateway(config, { signal: stop.signal, onListening })] : []),
    ];
    const running = Promise.all(parts);
    // A part that fails for good ends the process; until it is waited for below, nobody else looks.
    running.catch(() => {});
    input.onRunning(new URL(server.url).origin);
    try {
      await Promise.race([input.stopped ?? stopSignal(), running]);
    } finally {
      stop.abort();
      // The others drain whatever happened to one: the stores are closed behind them.
      const drained = {
        name: "parts",
        milliseconds: config.workers.drainMs + LATE_MS,
        run: () => Promise.allSettled(parts),
      };
      await stopInSteps([drained, { name: "server", run: () => server.stop(true) }], workers.report);
    }
    // A part that has not ended is left to itself.
    await Promise.race([running, Promise.resolve()]);
  } finally {
    await workers.close();
  }
}

function partsOf(only: ReadonlySet<Part>): { readonly gateway: boolean; readonly others: ReadonlySet<WorkerPart> } {
  return { gateway: only.has("gateway"), others: new Set([...only].filter((part) => part !== "gateway")) };
}

/** What anybody can reach asks for a token. */
function refuseOpenPort({ workers: { host }, api }: Config): void {
  if (api.token !== undefined || isLoopback(host)) return;
  const message = `workers.host is ${host}, which others can reach: set api.token (FRAISEQL_API_TOKEN), or listen on 127.0.0.1.`;
  throw new FraiseqlError("CONFIG_INVALID", message);
}

function listen({ workers: { host, port } }: Config, fetch: (request: Request) => Response | Promise<Response>) {
  try {
    return Bun.serve({
      hostname: host,
      port,
      development: false,
      reusePort: false,
      maxRequestBodySize: 16 * 1_048_576,
      fetch,
    });
  } catch (cause) {
    const message = `Nothing can listen on ${host}:${port}; is another worker running there? Choose another port with --port.`;
    throw new FraiseqlError("CONFIG_INVALID", message, { cause });
  }
}
