/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variables of the process, the only place that reads them. */
export function environment(): Environment {
  return process.env;
}
