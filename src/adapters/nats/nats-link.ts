/** One connection to NATS that is opened when it is needed, and opened anew when it is gone for good. */
import { readFileSync } from "node:fs";
import {
  type Authenticator,
  connect,
  credsAuthenticator,
  Events,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
  usernamePasswordAuthenticator,
} from "nats.ws";
import { FraiseqlError } from "../../core/errors.ts";

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

export type NatsLink = {
  readonly connection: NatsConnection;
  readonly stream: JetStreamClient;
  readonly manager: JetStreamManager;
  /** The connection was lost since it was last asked how far the log is: what was under way may be gone. */
  inDoubt: boolean;
  /** What is known of the log since it was last asked, and the id that was published last since then. */
  known: { readonly incarnation: string; readonly lastId: string | undefined } | undefined;
  /** Whether the connection stands; what is asked while it does not would only be answered by the time running out. */
  isUp: boolean;
  /** Rejects when the connection is lost: an answer that was under way will not come. */
  lost(): Promise<never>;
};

export type NatsLinks = {
  /** @throws FraiseqlError BUS_UNAVAILABLE */
  open(): Promise<NatsLink>;
  close(): Promise<void>;
};

const PING_MS = 5_000;
const ANSWER_MS = 5_000;

export function natsLinks(options: NatsOptions): NatsLinks {
  let link: Promise<NatsLink> | undefined;
  let isClosed = false;
  return {
    open: async () => {
      if (isClosed) throw unavailable("The connection to the event bus was closed.");
      link ??= openLink(options, () => {
        link = undefined;
      });
      const opening = link;
      try {
        return await opening;
      } catch (error) {
        if (link === opening) link = undefined;
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
  let loss = nextLoss();
  const link: NatsLink = {
    connection,
    stream: connection.jetstream(jetstream),
    manager: await connection.jetstreamManager({ ...jetstream, checkAPI: false }),
    inDoubt: true,
    known: undefined,
    isUp: true,
    lost: () => loss.promise,
  };
  doubtWhenLost(link, () => {
    loss.reject(unavailable("The connection to the event bus was lost."));
    loss = nextLoss();
  });
  return link;
}

function nextLoss(): { readonly promise: Promise<never>; reject(error: Error): void } {
  const loss = Promise.withResolvers<never>();
  // Nobody may be waiting for an answer.
  loss.promise.catch(() => {});
  return loss;
}

async function doubtWhenLost(link: NatsLink, onLost: () => void): Promise<void> {
  for await (const { type } of link.connection.status()) {
    if (type === Events.Reconnect) link.isUp = true;
    if (type !== Events.Disconnect) continue;
    link.isUp = false;
    link.inDoubt = true;
    onLost();
  }
}

function authenticatorOf({ user, passwordFile, credentialsFile }: NatsOptions, url: URL): Authenticator[] {
  if (credentialsFile !== undefined) return [credsAuthenticator(() => new Uint8Array(readFileSync(credentialsFile)))];
  const name = user ?? decodeURIComponent(url.username);
  if (name === "") return [];
  const password = () =>
    passwordFile === undefined ? decodeURIComponent(url.password) : readFileSync(passwordFile, "utf8").trim();
  return [usernamePasswordAuthenticator(name, password)];
}

export function unavailable(message: string, cause?: unknown): FraiseqlError {
  return new FraiseqlError("BUS_UNAVAILABLE", message, cause === undefined ? {} : { cause });
}

/** The client's errors say little and may name addresses: they are for the log. */
export function failureOf(error: unknown): FraiseqlError {
  return error instanceof FraiseqlError
    ? error
    : unavailable("The event bus cannot be reached; try again shortly.", error);
}
