/** A real NATS of its own for a test: JetStream in a temporary folder, its websocket listener on a free port. */
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "nats.ws";
import { twoFreePorts } from "./free-port.ts";

export const NATS_BINARY =
  ["/usr/sbin/nats-server", "/usr/bin/nats-server"].find(existsSync) ?? "/usr/sbin/nats-server";

/** Why tests on NATS are skipped; undefined where they run. `FRAISEQL_TEST_NATS=1` makes a missing server a failure. */
export const NATS_MISSING =
  existsSync(NATS_BINARY) || process.env["FRAISEQL_TEST_NATS"] === "1" ? undefined : `there is no ${NATS_BINARY}`;

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
  /** Keeps a copy of the data as it is on disk now; `rollBack` puts it in place of the data. Both while it is stopped. */
  keepData(): Promise<void>;
  rollBack(): Promise<void>;
  /** By another client, on a server without a login. */
  deleteStream(name: string): Promise<void>;
  stop(): Promise<void>;
};

export type NatsLogin = { readonly user: string; readonly password: string };

export type NatsSettings = {
  /** More lines of the server's configuration. */
  readonly config?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the streams are, if not in the temporary folder. */
  readonly store?: string;
  /** Files of a certificate for `localhost` and of its key. */
  readonly tls?: { readonly certificate: string; readonly key: string };
};

export async function startNats(login?: NatsLogin, settings: NatsSettings = {}): Promise<NatsServer> {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-nats-"));
  const store = settings.store ?? join(directory, "store");
  const [port, clientPort] = await twoFreePorts();
  const configFile = join(directory, "nats.conf");
  const start = async (as: NatsLogin | undefined) => {
    await writeFile(configFile, configOf({ port, clientPort, store, login: as }, settings));
    return await started(configFile, settings.environment ?? {});
  };
  let server = await start(login);
  const ended = async () => {
    server.kill("SIGKILL");
    await server.exited;
  };
  return {
    url: `${settings.tls ? "wss://localhost" : "ws://127.0.0.1"}:${port}`,
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
    keepData: async () => {
      await rm(`${store}-kept`, { recursive: true, force: true });
      await cp(store, `${store}-kept`, { recursive: true });
    },
    rollBack: async () => {
      await rm(store, { recursive: true, force: true });
      await cp(`${store}-kept`, store, { recursive: true });
    },
    deleteStream: async (name) => {
      const client = await connect({ servers: `ws://127.0.0.1:${port}` });
      await (await client.jetstreamManager()).streams.delete(name);
      await client.close();
    },
    stop: async () => {
      await ended();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

type Place = {
  readonly port: number;
  readonly clientPort: number;
  readonly store: string;
  readonly login: NatsLogin | undefined;
};

function configOf({ port, clientPort, store, login }: Place, { config = "", tls }: NatsSettings): string {
  const authorization = login ? `authorization { user: "${login.user}", password: "${login.password}" }` : "";
  const security = tls ? `tls { cert_file: "${tls.certificate}", key_file: "${tls.key}" }` : "no_tls: true";
  return `listen: "127.0.0.1:${clientPort}"
websocket { listen: "127.0.0.1:${port}", ${security} }
jetstream { store_dir: "${store}" }
${authorization}
${config}
`;
}

/** Resolves when it takes connections. */
async function started(configFile: string, environment: Readonly<Record<string, string>>) {
  const server = Bun.spawn([NATS_BINARY, "-c", configFile], {
    env: { ...process.env, ...environment },
    stdout: "ignore",
    stderr: "pipe",
  });
  const ready = Promise.withResolvers<void>();
  // Read to its end: a server whose log nobody takes any more is killed by its next line.
  const follow = async () => {
    let log = "";
    for await (const chunk of server.stderr.pipeThrough(new TextDecoderStream())) {
      log = (log + chunk).slice(-10_000);
      if (log.includes("Server is ready")) ready.resolve();
    }
    ready.reject(new Error(`nats-server did not start:\n${log}`));
  };
  follow();
  await ready.promise;
  return server;
}
