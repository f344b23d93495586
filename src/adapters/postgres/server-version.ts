import type { Database } from "../../ports/database.ts";

const QUERY = { text: "select pg_catalog.current_setting('server_version_num')", values: [] };

/** `server_version_num`, 180004 for 18.4; rejects as `Database.rows` does. */
export async function readServerVersion(database: Pick<Database, "rows">): Promise<number> {
  const [[version] = []] = await database.rows(QUERY);
  return Number(version);
}
