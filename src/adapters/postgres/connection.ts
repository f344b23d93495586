/**
 * One TCP connection to PostgreSQL, for one life: it is never reopened, a lost one is replaced by its pool.
 *
 * postgres.js does the protocol. Its own pool is not used: it can neither drop a single frozen connection nor bound
 * its queue, and it pipelines requests behind slow ones.
 */
import { connect, type NetConnectOpts, type Socket } from "node:net";
import postgres from "postgres";
import type { Statement } from "../../ports/database.ts";

export type ConnectionSettings = {
  readonly url: string;
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly applicationName: string;
};

export type Value = string | Uint8Array | null;

export type Connection = {
  /** One statement at a time. `bytes` gives values as they came from the socket. */
  run(statement: Statement, form: "bytes" | "text"): Promise<ArrayLike<ArrayLike<Value>>>;
  /** Asks the server, over a second connection, to stop the running statement. */
  cancel(): Promise<void>;
  destroy(): void;
};

/** OIDs for which postgres.js has a conversion of its own; here every value stays PostgreSQL's text. */
const CONVERTED_OIDS = [16, 17, 20, 21, 23, 26, 114, 700, 701, 1082, 1114, 1184, 3802];
const AS_TEXT = Object.fromEntries(
  CONVERTED_OIDS.map((oid) => [
    `oid${oid}`,
    { to: oid, from: [oid], serialize: (value: unknown) => value, parse: (value: string) => value },
  ]),
);
/** Without `simple: false` a statement with no values would use the simple protocol and be planned every time. */
const RUN_OPTIONS = { prepare: true, simple: false };

/**
 * @param onClosed - called once when the connection is gone for whatever reason
 */
export function createConnection(settings: ConnectionSettings, onClosed: () => void): Connection {
  let socket: Socket | undefined;
  const sql = postgres(settings.url, {
    max: 1,
    max_pipeline: 0,
    max_lifetime: null,
    fetch_types: false,
    prepare: true,
    connect_timeout: settings.connectTimeoutMs / 1000,
    types: AS_TEXT as never,
    onnotice: () => undefined,
    onclose: onClosed,
    connection: {
      application_name: settings.applicationName,
      TimeZone: "UTC",
      DateStyle: "ISO",
      IntervalStyle: "iso_8601",
      default_transaction_read_only: true,
      statement_timeout: settings.statementTimeoutMs,
    },
    socket: async (parsed: { host: string[]; port: number[]; path: string | false }) => {
      const opened = await openSocket(parsed, settings.connectTimeoutMs);
      socket ??= opened;
      return opened;
    },
  } as Parameters<typeof postgres>[1]);
  let running: { cancel(): unknown } | undefined;
  return {
    run(statement, form) {
      const query = sql.unsafe(statement.text, statement.values as (string | null)[], RUN_OPTIONS);
      running = query;
      return (form === "bytes" ? query.raw() : query.values()) as unknown as Promise<ArrayLike<ArrayLike<Value>>>;
    },
    async cancel() {
      await running?.cancel();
    },
    destroy() {
      socket?.destroy();
      void sql.end({ timeout: 0 });
    },
  };
}

async function openSocket(
  at: { readonly host: readonly string[]; readonly port: readonly number[]; readonly path: string | false },
  timeoutMs: number,
): Promise<Socket> {
  let failure: unknown;
  for (const [index, host] of at.host.entries()) {
    try {
      return await dial(at.path === false ? { host, port: at.port[index] ?? 5432 } : { path: at.path }, timeoutMs);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function dial(to: NetConnectOpts, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...to, noDelay: true });
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error("no connection in time")), timeoutMs);
    socket.once("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeListener("error", fail);
      // postgres.js reads the host for TLS from here.
      if ("host" in to) Object.assign(socket, to);
      resolve(socket);
    });
  });
}
