/**
 * What every session is set to, sent with its login: values come as text and binary in one known form, and nothing can
 * be written unless it is asked for.
 *
 * @param statementTimeoutMs - PostgreSQL ends a statement that runs longer
 */
export function sessionSettings(
  applicationName: string,
  statementTimeoutMs: number,
  access: "read" | "write" = "read",
): Readonly<Record<string, string>> {
  return {
    application_name: applicationName,
    client_encoding: "UTF8",
    TimeZone: "UTC",
    DateStyle: "ISO",
    IntervalStyle: "iso_8601",
    // Roles and databases may be set otherwise: texts of computed fields are read by these rules, numbers keep their digits.
    standard_conforming_strings: "on",
    array_nulls: "on",
    extra_float_digits: "1",
    default_transaction_read_only: access === "read" ? "on" : "off",
    statement_timeout: String(statementTimeoutMs),
    // A process that stopped in the middle must not hold its locks for ever.
    ...(access === "write" ? { idle_in_transaction_session_timeout: String(statementTimeoutMs) } : {}),
  };
}
