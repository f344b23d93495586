/** The triggers that write the outbox, table by table: put on and taken off without holding up who works on a table. */
import type { Sql } from "postgres";
import { FraiseqlError } from "../../../core/errors.ts";
import type { Wait } from "../../../ports/wait.ts";
import { asked } from "../worker/worker-sql.ts";

export type ObservedTable = {
  readonly schema: string;
  readonly name: string;
  /** What events show of a row; absent: all columns, those that are added later too. */
  readonly columns?: readonly string[];
};

/** `table` is `schema.name`; a partition has a state of its own, for statements may name it. */
export type CaptureState = { readonly table: string; readonly state: "captured" | "missing" | "superfluous" };

/**
 * Waiting for a lock stops everybody who comes after: no longer than this, and then again. With the time that the table is
 * then held it stays below the 50 ms that a writer may lose.
 */
const LOCK_MS = 25;
const PAUSE_MS = 200;
const TRIES_MAX = 150;

type Found = CaptureState & { readonly oid: string; readonly columns: readonly string[] | null };

/**
 * What is observed, and what should be; before the schema is there, nothing is.
 *
 * @throws FraiseqlError CONFIG_INVALID for a table or a column that is not there
 */
export async function captureStates(sql: Sql, tables: readonly ObservedTable[]): Promise<readonly CaptureState[]> {
  return (await findTables(sql, tables)).map(({ table, state }) => ({ table, state }));
}

/** Puts triggers on what misses them and takes them off the others. Gives what was done. */
export async function captureTables(
  sql: Sql,
  wait: Wait,
  tables: readonly ObservedTable[],
): Promise<readonly CaptureState[]> {
  const changes = (await findTables(sql, tables)).filter(({ state }) => state !== "captured");
  for (const { table, state, oid, columns } of changes) {
    await withTableLock(sql, wait, table, async (transaction) => {
      if (state === "missing")
        await transaction`select fraiseql.capture(${oid}::oid::regclass, ${columns as string[] | null}::text[])`;
      else await transaction`select fraiseql.release(${oid}::oid::regclass)`;
    });
  }
  return changes.map(({ table, state }) => ({ table, state }));
}

/** Every table of the database but the system's and ours; partitions go with their table. */
export async function allTables(sql: Sql): Promise<readonly ObservedTable[]> {
  return asked(
    () => sql<{ schema: string; name: string }[]>`
      select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
        and n.nspname not in ('fraiseql', 'information_schema') and n.nspname not like 'pg\\_%'
      order by 1, 2`,
  );
}

/** Tables and partitions that have triggers of ours, in whatever state, as `schema.name`. */
export async function capturedTables(sql: Sql): Promise<readonly string[]> {
  const rows = await asked(
    () => sql<{ table: string }[]>`
      select distinct n.nspname || '.' || c.relname as table
      from pg_trigger t join pg_proc p on p.oid = t.tgfoid
      join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
      where p.pronamespace = to_regnamespace('fraiseql') and t.tgname like 'fraiseql\\_capture\\_%'
      order by 1`,
  );
  return rows.map(({ table }) => table);
}

/** Takes the triggers off all tables. */
export async function releaseTables(sql: Sql, wait: Wait): Promise<void> {
  if (await isInstalled(sql)) await captureTables(sql, wait, []);
}

/** Whether the functions are there that put triggers on tables and know them. */
async function isInstalled(sql: Sql): Promise<boolean> {
  const [there] = await asked(
    () => sql`select to_regprocedure('fraiseql.is_captured(regclass, text[])') is not null as made`,
  );
  return there?.["made"] === true;
}

async function findTables(sql: Sql, tables: readonly ObservedTable[]): Promise<readonly Found[]> {
  const listed = JSON.stringify(tables.map(({ schema, name, columns }) => ({ schema, name, columns })));
  const isCaptured = (await isInstalled(sql))
    ? sql`fraiseql.is_captured(parts.relid::regclass, parts.columns)`
    : sql`false`;
  const rows = await asked(
    () => sql<
      { table: string; oid: string | null; columns: string[] | null; state: CaptureState["state"]; unknown: string[] }[]
    >`
      with wanted as (
        select w.schema || '.' || w.name as named, w.columns, c.oid,
          array(select name from unnest(w.columns) as given (name) where not exists (
            select from pg_attribute a where a.attrelid = c.oid and a.attname = name and a.attnum > 0 and not a.attisdropped and a.attgenerated <> 'v')) as unknown
        from jsonb_to_recordset(${listed}::text::jsonb) as w (schema text, name text, columns text[])
        left join (pg_class c join pg_namespace n on n.oid = c.relnamespace and c.relkind in ('r', 'p')) on n.nspname = w.schema and c.relname = w.name
      ), parts as (
        select distinct on (coalesce(t.relid::oid, w.oid)) coalesce(t.relid::oid, w.oid) as relid, w.named, w.columns, w.unknown
        from wanted w left join lateral pg_partition_tree(w.oid) as t on true
        left join pg_class c on c.oid = t.relid
        where c.oid is null or c.relkind in ('r', 'p')
        order by coalesce(t.relid::oid, w.oid), w.oid = t.relid desc
      ), present as (
        select distinct t.tgrelid as relid from pg_trigger t join pg_proc p on p.oid = t.tgfoid
        where p.pronamespace = to_regnamespace('fraiseql') and t.tgname like 'fraiseql\\_capture\\_%'
      )
      select coalesce((select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = coalesce(parts.relid, present.relid)), parts.named) as table,
        coalesce(parts.relid, present.relid)::text as oid, parts.columns, coalesce(parts.unknown, '{}') as unknown,
        case when parts.named is null then 'superfluous'
          when parts.relid is not null and ${isCaptured} then 'captured' else 'missing' end as state
      from parts full join present on present.relid = parts.relid
      order by 1`,
  );
  return rows.map(({ table, oid, columns, state, unknown }) => {
    if (oid === null) throw new FraiseqlError("CONFIG_INVALID", `events: there is no table ${table}.`);
    if (unknown.length > 0) {
      throw new FraiseqlError(
        "CONFIG_INVALID",
        `events: the table ${table} has no stored column ${unknown.join(", ")}.`,
      );
    }
    return { table, oid, columns, state };
  });
}

/** @throws FraiseqlError DATABASE_UNAVAILABLE when others did not let go of the table in all that time */
async function withTableLock(
  sql: Sql,
  wait: Wait,
  table: string,
  step: (transaction: Sql) => Promise<void>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await sql.begin(async (transaction) => {
        await transaction.unsafe(`set local lock_timeout = ${LOCK_MS}`);
        await step(transaction as unknown as Sql);
      });
      return;
    } catch (error) {
      const refused = error instanceof Error && "code" in error && error.code === "55P03";
      if (!refused) await asked(() => Promise.reject(error));
      if (tries === TRIES_MAX) {
        throw new FraiseqlError(
          "DATABASE_UNAVAILABLE",
          `The table ${table} was locked by others each of the ${TRIES_MAX} times its triggers were to be changed.`,
          { cause: error },
        );
      }
      await wait.wait(PAUSE_MS * (0.5 + wait.random()));
    }
  }
}
