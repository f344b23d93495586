/** The environment variables of the process, the only place that reads them. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
