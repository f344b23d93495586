/** The workers of `npm start`, in the same process as the server. */
import { createWriteStream } from "node:fs";
import type { Environment } from "../../src/config/environment.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { runWorkers } from "../../workers/run-workers.ts";

export type StartedWorkers = { readonly url: string; stop(): Promise<void> };

/** Resolves when they run. What they tell is added to the file. */
export async function startWorkers(input: {
  readonly env: Environment;
  readonly toml: string | undefined;
  readonly artifact: string;
  readonly log: string;
}): Promise<StartedWorkers> {
  const config = loadConfig({ toml: input.toml, env: input.env });
  const log = createWriteStream(input.log, { flags: "a", mode: 0o600 });
  const stop = Promise.withResolvers<void>();
  const running = Promise.withResolvers<string>();
  const ended = runWorkers({
    config,
    environment: input.env,
    artifact: input.artifact,
    only: new Set(["relay", "dispatcher", "job-runner"]),
    log: (line) => log.write(`${line}\n`),
    onRunning: running.resolve,
    stopped: stop.promise,
  });
  ended.catch(running.reject);
  return {
    url: await running.promise,
    stop: async () => {
      stop.resolve();
      await ended;
      log.end();
    },
  };
}
