/** A real NATS of its own for a test: JetStream in a temporary folder, its websocket listener on a free port. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BINARY = ["/usr/sbin/nats-server", "/usr/bin/nats-server"].find(existsSync) ?? "/usr/sbin/nats-server";

/** Why tests on NATS are skipped; undefined where they run. `FRAISEQL_TEST_NATS=1` makes a missing server a failure. */
export const NATS_MISSING =
  existsSync(BINARY) || process.env["FRAISEQL_TEST_NATS"] === "1" ? undefined : `there is no ${BINARY}`;

export type NatsServer = {
  /** `ws://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  /** Where the streams are: for a test that loses or rolls back what is in it. */
  readonly store: string;
  kill(): Promise<void>;
  /** Starts it again on the same port and data; with another login where one is given. */
  restart(login?: NatsLogin): Promise<void>;
  /** Resolves when it stands. */
  freeze(): Promise<void>;
  thaw(): void;
  stop(): Promise<void>;
};

export type NatsLogin = { readonly user: string; readonly password: string };

export async function startNats(login?: NatsLogin): Promise<NatsServer> {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-nats-"));
  const store = join(directory, "store");
  const [port, clientPort] = [await freePort(), await freePort()];
  const configFile = join(directory, "nats.conf");
  const start = async (as: NatsLogin | undefined) => {
    await writeFile(configFile, configOf(port, clientPort, store, as));
    return await started(configFile);
  };
  let server = await start(login);
  const ended = async () => {
    server.kill("SIGKILL");
    await server.exited;
  };
  return {
    url: `ws://127.0.0.1:${port}`,
    port,
    store,
    kill: ended,
    restart: async (as = login) => {
      server = await start(as);
    },
    freeze: async () => {
      server.kill("SIGSTOP");
      while (!/\) T /.test(await readFile(`/proc/${server.pid}/stat`, "utf8"))) await Bun.sleep(1);
    },
    thaw: () => server.kill("SIGCONT"),
    stop: async () => {
      await ended();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function configOf(port: number, clientPort: number, store: string, login: NatsLogin | undefined): string {
  const authorization = login ? `authorization { user: "${login.user}", password: "${login.password}" }` : "";
  return `listen: "127.0.0.1:${clientPort}"
websocket { listen: "127.0.0.1:${port}", no_tls: true }
jetstream { store_dir: "${store}" }
${authorization}
`;
}

async function started(configFile: string) {
  const server = Bun.spawn([BINARY, "-c", configFile], { stdout: "ignore", stderr: "pipe" });
  let log = "";
  for await (const chunk of server.stderr.pipeThrough(new TextDecoderStream())) {
    log += chunk;
    if (log.includes("Server is ready")) return server;
  }
  throw new Error(`nats-server did not start:\n${log}`);
}

/** Another process could take it before NATS does; then NATS says so. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
