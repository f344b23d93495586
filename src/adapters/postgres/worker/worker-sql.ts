/** How workers speak to PostgreSQL: through the driver `postgres`, since they write, in transactions of several statements. */
import postgres, { type Sql } from "postgres";
import { FraiseqlError, knownError } from "../../../core/errors.ts";
import { meaningOf } from "../connection/sqlstate.ts";
import { parseConnectionUrl } from "../connection/url.ts";
import { ARRAY_TYPES } from "./array-types.ts";
import { beginsSafely } from "./safe-begin.ts";
import { openWorkerSocket } from "./worker-socket.ts";

export type WorkerSqlOptions = {
  readonly url: string;
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** PostgreSQL ends a statement after this; a connection that stays silent two seconds longer is given up. */
  readonly statementTimeoutMs?: number;
  /** Where names without a schema are looked up. Absent: as the role and the database are set. */
  readonly searchPath?: string;
  /** Certificates in PEM to trust instead of those of the system. */
  readonly rootCertificate?: string | undefined;
};

const SILENCE_MS = 2_000;
/** A frozen session must not hold back the relay of all others. */
const IDLE_IN_TRANSACTION_MS = 30_000;

/**
 * Opens nothing yet.
 *
 * @throws FraiseqlError CONFIG_INVALID for a URL that is none
 */
export function openWorkerSql(options: WorkerSqlOptions): Sql {
  const { connectTimeoutMs, statementTimeoutMs = 30_000 } = options;
  const target = parseConnectionUrl(options.url, options.rootCertificate);
  const silenceMs = statementTimeoutMs + SILENCE_MS;
  // The driver takes a socket of one's own making; its types do not say so.
  const ended = new AbortController();
  const socketOptions = { target, connectTimeoutMs, silenceMs, ended: ended.signal };
  const sockets = { socket: () => openWorkerSocket(socketOptions) };
  const sql = postgres({
    ...sockets,
    host: target.host,
    port: target.port,
    user: target.user,
    database: target.database,
    max: options.connectionsMax,
    connect_timeout: Math.ceil(connectTimeoutMs / 1_000) + 1,
    idle_timeout: 300,
    max_lifetime: 3_600,
    onnotice: () => {},
    // It would ask each connection for them, and end the process when the connection dies meanwhile.
    fetch_types: false,
    types: ARRAY_TYPES,
    // Quicker than the driver's own, which waits up to 20 seconds.
    backoff: (tries: number) => Math.min(0.05 * 2 ** tries, 2),
    connection: {
      application_name: options.name,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      TimeZone: "UTC",
      ...(options.searchPath === undefined ? {} : { search_path: options.searchPath }),
    },
  });
  const driverEnd = sql.end.bind(sql);
  const end: Sql["end"] = (given) => driverEnd(given).finally(() => ended.abort());
  return Object.assign(sql, { begin: beginsSafely(sql), end });
}

/** Runs the step, and gives its failure one of our codes; `details.sqlstate` says what PostgreSQL reported. */
export async function asked<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw failureOf(error);
  }
}

/** What the driver itself reports, beside SQLSTATEs and the codes of sockets. */
const DRIVER_UNAVAILABLE = /^(CONNECT_TIMEOUT|CONNECTION_(CLOSED|ENDED|DESTROYED|CONNECT_TIMEOUT)|E[A-Z]+)$/;

/** Of the tables and functions that the migrations make. */
const ABSENT = new Set(["3F000", "42P01", "42703", "42883"]);

function failureOf(error: unknown): FraiseqlError {
  if (error instanceof FraiseqlError) return error;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (DRIVER_UNAVAILABLE.test(code)) {
    return new FraiseqlError("DATABASE_UNAVAILABLE", "The database is not reachable; try again shortly.", {
      cause: error,
    });
  }
  if (/^[0-9A-Z]{5}$/.test(code)) return reported(code, error);
  return knownError(error);
}

function reported(sqlstate: string, cause: unknown): FraiseqlError {
  const options = { details: { sqlstate }, cause };
  if (ABSENT.has(sqlstate)) {
    const absent = "A table or function is not there, or of an older version; run `fraiseql migrate`.";
    return new FraiseqlError("DATABASE_ERROR", absent, options);
  }
  const { code, message } = meaningOf(sqlstate);
  return new FraiseqlError(code, message, options);
}
