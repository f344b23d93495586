import { readFile } from "node:fs/promises";
import { PARTS, type Part } from "../../../workers/parts.ts";
import { runWorkers } from "../../../workers/run-workers.ts";
import { readConfig } from "../../config/config-file.ts";
import { FraiseqlError } from "../../core/errors.ts";
import type { Command } from "../command.ts";
import { overridden } from "../overridden.ts";

export const workers: Command = {
  name: "workers",
  summary: "run the relay, the dispatcher, the job runner and the gateway",
  usage: `fraiseql workers [--only relay,dispatcher,job-runner,gateway] [--concurrency 50] [--port 8001] [--config fraiseql.toml]

Runs until it is stopped; SIGTERM waits for the attempts that have begun. Any number of processes may run, each with all
parts or with some. Answers /health/live, /health/ready, /metrics and /api on its port, and writes lines of JSON.
  --only          the parts to run, by commas; all but the gateway when left out
  --concurrency   attempts at the same time
  --port          where it answers; 0 takes any free port
  --config        the configuration file; fraiseql.toml is read if it is there`,
  options: {
    only: { type: "string" },
    concurrency: { type: "string" },
    port: { type: "string" },
    config: { type: "string" },
  },
  async run({ values }, io) {
    const only = partsOf(values["only"]);
    const config = await readConfig(
      overridden(io.env, {
        FRAISEQL_CONFIG: values["config"],
        FRAISEQL_WORKERS_PORT: values["port"],
        FRAISEQL_WORKERS_CONCURRENCY: values["concurrency"],
      }),
    );
    const artifact = await readFile(config.artifact.path, "utf8").catch((cause) => {
      const message = `There is no artifact at ${config.artifact.path} that can be read; \`fraiseql compile\` makes one.`;
      throw new FraiseqlError("ARTIFACT_INVALID", message, { cause });
    });
    await runWorkers({
      config,
      environment: io.env,
      artifact,
      only,
      log: io.err,
      onRunning: (url) => io.out(JSON.stringify({ kind: "running", parts: [...only], url })),
    });
    return 0;
  },
};

function partsOf(given: unknown): ReadonlySet<Part> {
  if (given === undefined) return new Set(PARTS.filter((part) => part !== "gateway"));
  const parts = String(given).split(",");
  const unknown = parts.filter((part) => !(PARTS as readonly string[]).includes(part));
  if (unknown.length === 0) return new Set(parts as Part[]);
  throw new FraiseqlError(
    "CONFIG_INVALID",
    `--only: there is no part ${unknown.join(", ")}; there are ${PARTS.join(", ")}.`,
  );
}
