import { serveUntilStopped } from "../../../routes/run-server.ts";
import { serveWithBun } from "../../../routes/serve.bun.ts";
import type { Command } from "../command.ts";
import { overridden } from "../overridden.ts";

export const serve: Command = {
  name: "serve",
  summary: "answer GraphQL requests from a compiled artifact",
  usage: `fraiseql serve [artifact] [--port 8000] [--host 127.0.0.1] [--config fraiseql.toml]

Serves POST /graphql, GET /graphql, /health/live and /health/ready until it is stopped.
The artifact is schema.compiled.json unless named; the database is the one in DATABASE_URL.

  --port     where to listen; 0 takes any free port
  --host     the address to listen on
  --config   the configuration file; fraiseql.toml is read if it is there`,
  options: { port: { type: "string" }, host: { type: "string" }, config: { type: "string" } },
  async run({ values, positionals, json }, io) {
    await serveUntilStopped(serveWithBun, {
      env: overridden(io.env, {
        FRAISEQL_ARTIFACT_PATH: positionals[0],
        FRAISEQL_SERVER_PORT: values["port"],
        FRAISEQL_SERVER_HOST: values["host"],
        FRAISEQL_CONFIG: values["config"],
      }),
      onListening: (url) => io.out(json ? JSON.stringify({ url }) : `FraiseQL answers on ${url}/graphql`),
    });
    return 0;
  },
};
