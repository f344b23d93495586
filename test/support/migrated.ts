import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { runSql, type TestDatabase, testDatabase } from "./postgres.ts";

const MIGRATIONS = join(import.meta.dir, "../../src/adapters/postgres/migrations");

export type MigratedDatabase = TestDatabase & { readonly sql: Sql };

/** A new database with everything FraiseQL keeps in one, and a connection to it. */
export async function migratedDatabase(name: string): Promise<MigratedDatabase> {
  const database = await testDatabase(name, "create schema if not exists fraiseql");
  for (const file of (await readdir(MIGRATIONS)).filter((name) => name.endsWith(".sql")).toSorted()) {
    await runSql(database.url, await readFile(join(MIGRATIONS, file), "utf8"));
  }
  const sql = postgres(database.url, { max: 4, onnotice: () => {} });
  return {
    url: database.url,
    sql,
    drop: async () => {
      await sql.end();
      await database.drop();
    },
  };
}
