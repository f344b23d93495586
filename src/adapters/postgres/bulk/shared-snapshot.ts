import type { BulkConnection } from "./bulk-connection.ts";
import { notTheProtocol } from "./message-cutter.ts";

/** Of a row with one value: type, length, count of values, length of the value. */
const ROW_HEAD_BYTES = 11;

/**
 * Begins a transaction on each connection, all of them with the snapshot of the first, so that together they see what one
 * statement would. https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
 */
export async function shareSnapshot(connections: readonly BulkConnection[]): Promise<void> {
  const [first, ...others] = connections;
  await Promise.all(connections.map((each) => each.command("begin isolation level repeatable read read only")));
  if (!first || others.length === 0) return;
  await first.start({ text: "select pg_export_snapshot()", values: [] });
  const row = await first.read();
  const snapshot = row?.toString("latin1", ROW_HEAD_BYTES) ?? "";
  if (!/^[0-9A-F-]+$/.test(snapshot)) throw notTheProtocol("a snapshot has no name");
  if ((await first.read()) !== undefined) throw notTheProtocol("a snapshot has two names");
  await Promise.all(others.map((each) => each.command(`set transaction snapshot '${snapshot}'`)));
}
