/** The schema `fraiseql` and the triggers of observed tables, put together: what `fraiseql migrate` does. */
import type { Sql } from "postgres";
import {
  dropSchema,
  type MigrationReport,
  migrate,
  migrationStates,
  refuseOtherTables,
} from "../adapters/postgres/migrations/migrate.ts";
import { isSchemaThere } from "../adapters/postgres/migrations/own-schema.ts";
import { readMigrations } from "../adapters/postgres/migrations/read-migrations.ts";
import {
  allTables,
  type CaptureState,
  capturedTables,
  captureStates,
  captureTables,
  type ObservedTable,
  releaseTables,
} from "../adapters/postgres/outbox/captured-tables.ts";
import { openWorkerSql } from "../adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../adapters/timers/wait.ts";
import { digest } from "../adapters/web-crypto/digest.ts";
import type { Config } from "../config/schema.ts";
import { FraiseqlError } from "../core/errors.ts";
import { listedColumns } from "../core/rules/observed-entities.ts";
import { openArtifact } from "../core/schema/seal.ts";
import { suggestion } from "../core/schema/suggest.ts";

export type MigrationTarget = {
  /** Of a role that owns the observed tables and may make a schema. */
  readonly url: string;
  readonly connectTimeoutMs: number;
  readonly events: Pick<Config["events"], "tables" | "columns">;
  /** The text of the artifact, for its tables; undefined where there is none. */
  readonly artifact?: string | undefined;
};

export type MigrationOutcome = {
  readonly migrations: readonly MigrationReport[];
  /** All observed tables where nothing was changed, else those that were. */
  readonly tables: readonly CaptureState[];
};

/**
 * Whether the database is as this version and this configuration need it. Changes nothing.
 *
 * @throws FraiseqlError CONFIG_INVALID where the settings say nothing of tables, or what cannot be
 */
export function inspectMigrations(target: MigrationTarget): Promise<MigrationOutcome> {
  return onDatabase(target, async (sql) => {
    const migrations = await migrationStates(sql, await readMigrations());
    const tables = await wantedTables(sql, target);
    return { migrations, tables: await captureStates(sql, tables) };
  });
}

/**
 * Brings the database to what this version and this configuration need. Gives what was done.
 *
 * @throws FraiseqlError CONFIG_INVALID where the settings say nothing of tables, or what cannot be
 */
export function migrateDatabase(target: MigrationTarget): Promise<MigrationOutcome> {
  return onDatabase(target, async (sql) => {
    const wanted = await wantedTables(sql, target);
    const names = await migrate(sql, await readMigrations());
    const tables = await captureTables(sql, realWait, wanted);
    return { migrations: names.map((name) => ({ name, state: "pending" })), tables };
  });
}

/**
 * Takes away the triggers and the schema with everything in it.
 *
 * @throws FraiseqlError SCHEMA_FOREIGN where that is not FraiseQL's alone: nothing is taken away then
 */
export function uninstallMigrations(target: Omit<MigrationTarget, "events" | "artifact">): Promise<void> {
  return onDatabase(target, async (sql) => {
    if (!(await isSchemaThere(sql))) return;
    await refuseOtherTables(sql, await readMigrations());
    await releaseTables(sql, realWait);
    await dropSchema(sql);
  });
}

async function wantedTables(sql: Sql, { events, artifact }: MigrationTarget): Promise<readonly ObservedTable[]> {
  const shown = listedColumns(events.columns ?? []);
  const tables = await namedTables(sql, events.tables, artifact);
  refuseUnobserved([...shown.keys()], tables);
  return tables.map(({ schema, name }) => {
    const columns = shown.get(`${schema}.${name}`);
    return columns ? { schema, name, columns } : { schema, name };
  });
}

/** A table that is misspelt in `events.columns` would be shown whole. */
function refuseUnobserved(listed: readonly string[], tables: readonly ObservedTable[]): void {
  const observed = tables.map(({ schema, name }) => `${schema}.${name}`);
  const problems = listed
    .filter((table) => !observed.includes(table))
    .map((table) => `events.columns: the table ${table} is not observed${suggestion(table, observed)}`);
  if (problems.length > 0) throw new FraiseqlError("CONFIG_INVALID", problems.join("\n"));
}

async function namedTables(
  sql: Sql,
  named: readonly string[] | undefined,
  artifact: string | undefined,
): Promise<readonly ObservedTable[]> {
  if (named?.includes("*")) return allTables(sql);
  if (named) {
    return named.map((path) => {
      const [schema = "", name = ""] = path.split(".");
      return { schema, name };
    });
  }
  if (artifact === undefined) return noTables(sql);
  const { catalog } = await openArtifact(artifact, digest);
  return catalog.relations.filter(({ kind }) => kind === "table").map(({ schema, name }) => ({ schema, name }));
}

/** Settings that were forgotten do not mean that nothing is observed: changes would be lost from then on, and nobody told. */
async function noTables(sql: Sql): Promise<readonly ObservedTable[]> {
  const captured = await capturedTables(sql);
  if (captured.length === 0) return [];
  const missing = `events.tables is not set and there is no file at artifact.path: ${captured.join(", ")} would be released.`;
  throw new FraiseqlError(
    "CONFIG_INVALID",
    `${missing} Set FRAISEQL_EVENTS_TABLES or FRAISEQL_ARTIFACT_PATH; to release them, write tables = [] below [events] in fraiseql.toml.`,
  );
}

async function onDatabase<T>(
  { url, connectTimeoutMs }: Pick<MigrationTarget, "url" | "connectTimeoutMs">,
  step: (sql: Sql) => Promise<T>,
): Promise<T> {
  // An operator or a function of somebody else's schema must not be taken for one of PostgreSQL's.
  const searchPath = "pg_catalog, pg_temp";
  const sql = openWorkerSql({ url, connectionsMax: 1, connectTimeoutMs, name: "fraiseql migrate", searchPath });
  try {
    return await step(sql);
  } finally {
    await sql.end();
  }
}
