/** One connection to NATS that is opened when it is needed, and opened anew when it is gone for good. */
import { readFileSync } from "node:fs";
import {
  type Authenticator,
  connect,
  credsAuthenticator,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
  usernamePasswordAuthenticator,
} from "nats.ws";
import { type Presence, watchPresence } from "./presence.ts";
import { failureOf, unavailable } from "./unavailable.ts";

export type NatsOptions = {
  /** `ws://host:port` or `wss://host:port`: the websocket listener of the server; user and password may stand in it. */
  readonly url: string;
  readonly user?: string | undefined;
  /** Read at each connect, so that a password can be changed while the program runs. */
  readonly passwordFile?: string | undefined;
  /** `.creds` of decentralized authentication; read at each connect. */
  readonly credentialsFile?: string | undefined;
  readonly connectTimeoutMs: number;
};

export type NatsLink = Presence & {
  readonly connection: NatsConnection;
  readonly stream: JetStreamClient;
  readonly manager: JetStreamManager;
  /** The connection was lost since it was last asked how far the log is: what was under way may be gone. */
  inDoubt: boolean;
  /** What is known of the log since it was last asked, and the id that was published last since then. */
  known: { readonly incarnation: string; readonly lastId: string | undefined } | undefined;
};

export type NatsLinks = {
  /** @throws FraiseqlError BUS_UNAVAILABLE */
  open(): Promise<NatsLink>;
  close(): Promise<void>;
};

const PING_MS = 5_000;
const ANSWER_MS = 5_000;

/** One connection, opened when it is first asked for and anew when it was lost. */
export function natsLinks(options: NatsOptions): NatsLinks {
  let link: Promise<NatsLink> | undefined;
  let isClosed = false;
  const gone = () => {
    link = undefined;
  };
  return {
    open: async () => {
      if (isClosed) throw unavailable("The connection to the event bus was closed.");
      link ??= openLink(options, gone).catch((error: unknown) => {
        gone();
        throw error;
      });
      try {
        return await link;
      } catch (error) {
        throw failureOf(error);
      }
    },
    close: async () => {
      isClosed = true;
      const opened = await link?.catch(() => undefined);
      await opened?.connection.close();
    },
  };
}

async function openLink(options: NatsOptions, gone: () => void): Promise<NatsLink> {
  const url = new URL(options.url);
  const connection = await connect({
    servers: `${url.protocol}//${url.host}`,
    authenticator: authenticatorOf(options, url),
    timeout: options.connectTimeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 200,
    reconnectJitterTLS: 200,
    // A frozen server is left after two pings without an answer.
    pingInterval: PING_MS,
    maxPingOut: 2,
    // What other servers of a cluster call themselves may not be reachable by websocket.
    ignoreClusterUpdates: true,
    // A password that was changed becomes right again.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
  });
  connection.closed().then(gone);
  const jetstream = { timeout: ANSWER_MS };
  const manager = await connection.jetstreamManager({ ...jetstream, checkAPI: false });
  const lost = () => {
    link.inDoubt = true;
  };
  const link: NatsLink = {
    ...watchPresence(connection, lost),
    connection,
    stream: connection.jetstream(jetstream),
    manager,
    inDoubt: true,
    known: undefined,
  };
  return link;
}

function authenticatorOf({ user, passwordFile, credentialsFile }: NatsOptions, url: URL): Authenticator[] {
  if (credentialsFile !== undefined) return [credsAuthenticator(() => new Uint8Array(readFileSync(credentialsFile)))];
  const name = user ?? decodeURIComponent(url.username);
  if (name === "") return [];
  const password = () =>
    passwordFile === undefined ? decodeURIComponent(url.password) : readFileSync(passwordFile, "utf8").trim();
  return [usernamePasswordAuthenticator(name, password)];
}
