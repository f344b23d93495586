/** How workers speak to PostgreSQL: through the driver `postgres`, since they write, in transactions of several statements. */
import postgres, { type Sql } from "postgres";
import { FraiseqlError } from "../../../core/errors.ts";
import { meaningOf } from "../sqlstate.ts";

export type WorkerSqlOptions = {
  readonly url: string;
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  /** Shown in pg_stat_activity. */
  readonly name: string;
};

const STATEMENT_TIMEOUT_MS = 30_000;
/** A frozen session must not hold back the relay of all others. */
const IDLE_IN_TRANSACTION_MS = 30_000;

export function openWorkerSql({ url, connectionsMax, connectTimeoutMs, name }: WorkerSqlOptions): Sql {
  return postgres(url, {
    max: connectionsMax,
    connect_timeout: Math.max(1, Math.ceil(connectTimeoutMs / 1_000)),
    idle_timeout: 300,
    max_lifetime: 3_600,
    onnotice: () => {},
    // Quicker than the driver's own, which waits up to 20 seconds.
    backoff: (tries: number) => Math.min(0.05 * 2 ** tries, 2),
    connection: {
      application_name: name,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      TimeZone: "UTC",
    },
  });
}

/** Runs the step, and gives its failure one of our codes. */
export async function asked<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw failureOf(error);
  }
}

/** What the driver itself reports, beside SQLSTATEs and the codes of sockets. */
const DRIVER_UNAVAILABLE = /^(CONNECT_TIMEOUT|CONNECTION_(CLOSED|ENDED|DESTROYED|CONNECT_TIMEOUT)|E[A-Z]+)$/;

function failureOf(error: unknown): FraiseqlError {
  if (error instanceof FraiseqlError) return error;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (DRIVER_UNAVAILABLE.test(code)) {
    return new FraiseqlError("DATABASE_UNAVAILABLE", "The database is not reachable; try again shortly.", {
      cause: error,
    });
  }
  if (/^[0-9A-Z]{5}$/.test(code)) {
    const { code: meaning, message } = meaningOf(code);
    return new FraiseqlError(meaning, message, { cause: error });
  }
  return new FraiseqlError("INTERNAL_ERROR", "A fault in FraiseQL.", { cause: error });
}
