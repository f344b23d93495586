import { stopSignal } from "../../../routes/stop-signal.ts";
import { readConfig } from "../../config/config-file.ts";
import type { FraiseqlError } from "../../core/errors.ts";
import type { Command, CommandIo } from "../command.ts";
import type { DevEvents } from "../dev-session.ts";
import { overridden } from "../overridden.ts";

export const dev: Command = {
  name: "dev",
  summary: "serve schema.ts and take up its changes as they are saved",
  usage: `fraiseql dev [schema.ts] [--port 8000] [--host 127.0.0.1]

Compiles the schema, serves it over the database in DATABASE_URL, and watches the file and what it imports.
A changed schema is live as soon as it is compiled, and requests that have begun end with the one they began with.
A schema that is not in order is printed with file and line, and the one before stays live.
With --json each event is a JSON value of its own: listening, live, refused.

  --port   where to listen; 0 takes any free port
  --host   the address to listen on`,
  options: { port: { type: "string" }, host: { type: "string" } },
  async run({ values, positionals, json }, io) {
    const config = await readConfig(
      overridden(io.env, { FRAISEQL_SERVER_PORT: values["port"], FRAISEQL_SERVER_HOST: values["host"] }),
    );
    const source = positionals[0] ?? "schema.ts";
    // The server is much to load, and other commands do not need it.
    const { startDevSession } = await import("../dev-session.ts");
    const session = startDevSession({ source, config, events: eventsOf(json, io), log: io.err });
    try {
      await Promise.race([stopSignal(), session.fault]);
    } finally {
      await session.end();
    }
    return 0;
  },
};

function eventsOf(json: boolean, io: CommandIo): DevEvents {
  if (json) {
    const say = (event: string, facts: object) => io.out(JSON.stringify({ event, ...facts }));
    return {
      listening: (url) => say("listening", { url }),
      live: (source, milliseconds) => say("live", { source, milliseconds }),
      refused: ({ code, message, details }) => say("refused", { error: { code, message, ...details } }),
    };
  }
  return {
    listening: (url) => io.out(`FraiseQL answers on ${url}/graphql`),
    live: (source, milliseconds) => io.out(`${source} is live after ${milliseconds} ms`),
    refused: ({ code, message }: FraiseqlError, isServing) => {
      io.err(`${code}: ${message}`);
      io.err(isServing ? "The schema before it stays live." : "Nothing is served until this is mended.");
    },
  };
}
