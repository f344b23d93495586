import postgres from "postgres";

export type DatabaseContents = {
  /** Name of the database: letters, digits and `_`. */
  readonly name: string;
  /** Anything that changes when the contents do; kept as the database's comment. */
  readonly version: string;
  /** Fills an empty database. */
  load(url: string): Promise<void>;
};

export type EnsuredDatabase = {
  readonly url: string;
  /** Whether it was loaded now, or was there from an earlier start. */
  readonly loaded: boolean;
  /** The name under which a database with other contents was put aside. */
  readonly keptAs?: string;
};

/**
 * Gives a database with these contents, loading them only where they are not there yet. It gets its name when it is
 * whole, so that a load broken off leaves nothing that looks finished. One with older contents is renamed, not dropped:
 * somebody may have worked in it.
 *
 * @param serverUrl a superuser's URL
 */
export async function ensureDatabase(serverUrl: string, contents: DatabaseContents): Promise<EnsuredDatabase> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {} });
  try {
    const [found] = await sql<{ version: string | null }[]>`
      SELECT shobj_description(oid, 'pg_database') AS version FROM pg_database WHERE datname = ${contents.name}`;
    const url = withDatabase(serverUrl, contents.name);
    if (found?.version === contents.version) return { url, loaded: false };
    const draft = `${contents.name}_loading`;
    await sql`DROP DATABASE IF EXISTS ${sql(draft)} WITH (FORCE)`;
    await sql`CREATE DATABASE ${sql(draft)}`;
    await contents.load(withDatabase(serverUrl, draft));
    await sql.unsafe(`COMMENT ON DATABASE "${draft}" IS '${contents.version.replaceAll("'", "''")}'`);
    const keptAs = `${contents.name}_${new Date().toISOString().replaceAll(/\D/g, "").slice(0, 14)}`;
    if (found) await sql`ALTER DATABASE ${sql(contents.name)} RENAME TO ${sql(keptAs)}`;
    await sql`ALTER DATABASE ${sql(draft)} RENAME TO ${sql(contents.name)}`;
    return { url, loaded: true, ...(found && { keptAs }) };
  } finally {
    await sql.end();
  }
}

/** The same server and user, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}
