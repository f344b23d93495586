/**
 * One moment of the database for several connections.
 * https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
 */
import type { QualifiedName } from "../../../core/schema/catalog.ts";
import { namesAsArray } from "../quoted-name.ts";
import type { BulkConnection } from "./bulk-connection.ts";
import { notTheProtocol } from "./message-cutter.ts";

export type SharedSnapshot = {
  readonly name: string;
  /** The command that locks what is read. */
  readonly lock: string;
};

/** Of a row with one value: type, length, count of values, length of the value. */
const ROW_HEAD_BYTES = 11;
const BEGIN = "begin isolation level repeatable read read only";
/** Materialized views cannot be locked, and no table of which a role may read some columns only. */
const LOCKABLE = `
select coalesce(string_agg(c.oid::regclass::text, ', '), '')
from unnest($1::text[]) as n(name) join pg_class c on c.oid = to_regclass(n.name)
where c.relkind in ('r', 'p', 'v') and has_table_privilege(c.oid, 'select')`;
/**
 * Of all connections but the first. One that waits for a lock can be waited for by another, which PostgreSQL cannot see: they
 * are tied together by whoever reads their rows.
 */
const LOCK_TIMEOUT_MS = 1_000;

/**
 * Begins a transaction on the connection. The relations are locked before it sees anything: to a snapshot that is older
 * than their rewriting they would be empty. https://www.postgresql.org/docs/18/mvcc-caveats.html
 */
export async function shareSnapshot(
  connection: BulkConnection,
  relations: readonly QualifiedName[],
): Promise<SharedSnapshot> {
  const names = await onlyValue(connection, LOCKABLE, [namesAsArray(relations)]);
  const lock = names === "" ? "" : `; lock table ${names} in access share mode`;
  await connection.begin(`${BEGIN}${lock}`);
  const name = await onlyValue(connection, "select pg_export_snapshot()", []);
  if (!/^[0-9A-F-]+$/.test(name)) throw notTheProtocol("a snapshot has no name");
  return { name, lock };
}

/** Begins a transaction that sees what the other one does, as long as that has not ended. */
export async function joinSnapshot(connection: BulkConnection, { name, lock }: SharedSnapshot): Promise<void> {
  const limit = `set local lock_timeout = ${LOCK_TIMEOUT_MS}`;
  await connection.begin(`${BEGIN}; set transaction snapshot '${name}'; ${limit}${lock}`);
}

async function onlyValue(connection: BulkConnection, text: string, values: readonly string[]): Promise<string> {
  await connection.start({ text, values });
  const value = (await connection.read())?.toString("utf8", ROW_HEAD_BYTES) ?? "";
  if ((await connection.read()) !== undefined) throw notTheProtocol("a value has two rows");
  return value;
}
