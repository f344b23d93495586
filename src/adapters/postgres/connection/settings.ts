import { sessionSettings } from "./session-settings.ts";
import { type ConnectionTarget, parseConnectionUrl } from "./url.ts";

/** What callers may say about connections, whatever runs on them. */
export type ConnectionOptions = {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** Connections at the same time; more callers have to wait. */
  readonly connectionsMax?: number;
  readonly connectTimeoutMs?: number;
  readonly applicationName?: string;
  /** Callers that may wait for a free connection; the next is refused. */
  readonly waitersMax?: number;
  readonly waitMs?: number;
  /** Certificates in PEM to trust instead of those of the system, for `sslmode=verify-full` and `verify-ca`. */
  readonly rootCertificate?: string | undefined;
};

/** What one connection has to know. */
export type ConnectionSettings = {
  readonly target: ConnectionTarget;
  readonly connectTimeoutMs: number;
  /** Settings of the session, sent with the login. */
  readonly session: Readonly<Record<string, string>>;
};

/**
 * @param statementTimeoutMs - PostgreSQL ends a statement that runs longer
 * @throws FraiseqlError CONFIG_INVALID for a URL that is none
 */
export function connectionSettings(
  options: ConnectionOptions,
  statementTimeoutMs: number,
  access: "read" | "write" = "read",
): ConnectionSettings {
  return {
    target: parseConnectionUrl(options.url, options.rootCertificate),
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    session: sessionSettings(options.applicationName ?? "fraiseql", statementTimeoutMs, access),
  };
}
