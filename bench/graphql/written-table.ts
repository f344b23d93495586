import postgres from "postgres";
import type { Operation } from "../data/data-set.ts";
import { VISIT_TABLE } from "../data/visits.ts";

/** The table that operations write to; of operations that only read nothing is done. */
export type WrittenTable = {
  /** As it was at first, whoever wrote to it. */
  reset(operation: Operation): Promise<void>;
  /** All its rows as one text, to compare. */
  rows(operation: Operation): Promise<string>;
  close(): Promise<void>;
};

/** Makes the table in a database that does not have it. */
export async function createWrittenTable(url: string): Promise<WrittenTable> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  for (const statement of VISIT_TABLE) await sql.unsafe(statement);
  return {
    async reset({ write }) {
      for (const statement of write?.reset ?? []) await sql.unsafe(statement);
    },
    rows: async ({ write }) => (write ? JSON.stringify(await sql.unsafe(write.written)) : ""),
    close: () => sql.end(),
  };
}
