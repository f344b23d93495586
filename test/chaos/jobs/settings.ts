/** How the workers of these runs are set up, and the rule whose deliveries are counted. */

/** Attempts of one worker at the same time. */
export const CONCURRENCY = 20;
/** Attempts of one worker that are under way, or made and not yet in the ledger: they are made again if it dies. */
export const HELD = CONCURRENCY * 2;
export const LEASE_MS = 1_500;

export function settings(directory: string, artifactPath: string) {
  return {
    FRAISEQL_EMBEDDED_DIRECTORY: directory,
    FRAISEQL_ARTIFACT_PATH: artifactPath,
    FRAISEQL_WEBHOOKS_ALLOWED_NETWORKS: "127.0.0.0/8",
    FRAISEQL_NATS_ACK_WAIT_MS: "2000",
    FRAISEQL_NATS_CONNECT_TIMEOUT_MS: "1000",
    FRAISEQL_WORKERS_CONCURRENCY: String(CONCURRENCY),
    FRAISEQL_WORKERS_LEASE_MS: String(LEASE_MS),
    FRAISEQL_BREAKERS_FAILURES_MAX: "50",
    FRAISEQL_BREAKERS_OPEN_MS: "500",
    FRAISEQL_BREAKERS_OPEN_MAX_MS: "1000",
  };
}

export function delivering(port: number, timeoutMs: number) {
  return {
    name: "deliver",
    entity: "Account",
    operations: ["update"],
    timeoutMs,
    actions: [
      {
        kind: "webhook",
        url: `http://127.0.0.1:${port}/accounts`,
        body: '{"account": {{ new.id }}, "version": {{ new.version }}}',
      },
    ],
    retry: { attemptsMax: 20, backoff: { kind: "fixed", delayMs: 200 }, jitter: 0.5 },
  };
}
