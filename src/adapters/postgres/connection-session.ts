/**
 * What every session is set to, sent with its login: values come as text and binary in one known form, and nothing can
 * be written.
 *
 * @param statementTimeoutMs - PostgreSQL ends a statement that runs longer
 */
export function sessionSettings(applicationName: string, statementTimeoutMs: number): Readonly<Record<string, string>> {
  return {
    application_name: applicationName,
    client_encoding: "UTF8",
    TimeZone: "UTC",
    DateStyle: "ISO",
    IntervalStyle: "iso_8601",
    default_transaction_read_only: "on",
    statement_timeout: String(statementTimeoutMs),
  };
}
