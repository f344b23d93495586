/** Every adapter of every port that has a contract. Whoever writes another adds a line here. */
import { openBulkReader } from "../../src/adapters/postgres/bulk/bulk-reader.ts";
import { openNodeWire } from "../../src/adapters/postgres/bulk/node-wire.ts";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
import { openDatabaseWriter } from "../../src/adapters/postgres/database-writer.ts";
import type { BulkReader } from "../../src/ports/bulk-reader.ts";
import type { Database } from "../../src/ports/database.ts";
import type { DatabaseWriter } from "../../src/ports/database-writer.ts";
import { BULK_READER_CONTRACT } from "./bulk-reader-contract.ts";
import { type Contract, keep, type Open } from "./contract.ts";
import { DATABASE_CONTRACT } from "./database-contract.ts";
import { DATABASE_WRITER_CONTRACT } from "./database-writer-contract.ts";

type Runtime = "Bun" | "Deno";

type Adapter = {
  readonly port: string;
  readonly name: string;
  readonly runtimes: readonly Runtime[];
  /** The sentences of the port's contract. */
  readonly promises: readonly string[];
  /** Throws where the adapter breaks the promise. */
  keep(promise: string, url: string): Promise<void>;
};

const database = (name: string, runtimes: readonly Runtime[], open: Open<Database>): Adapter =>
  adapter("Database", DATABASE_CONTRACT, { name, runtimes, open });
const bulkReader = (name: string, runtimes: readonly Runtime[], open: Open<BulkReader>): Adapter =>
  adapter("BulkReader", BULK_READER_CONTRACT, { name, runtimes, open });

const databaseWriter = (name: string, runtimes: readonly Runtime[], open: Open<DatabaseWriter>): Adapter =>
  adapter("DatabaseWriter", DATABASE_WRITER_CONTRACT, { name, runtimes, open });

export const ADAPTERS: readonly Adapter[] = [
  database("PostgreSQL", ["Bun", "Deno"], (url) => openDatabase({ url, connectionsMax: 2 })),
  databaseWriter("PostgreSQL", ["Bun", "Deno"], (url) => openDatabaseWriter({ url, connectionsMax: 2 })),
  bulkReader("PostgreSQL", ["Bun", "Deno"], (url) => openBulkReader({ url, connectionsMax: 2 })),
  bulkReader("PostgreSQL over node:net", ["Bun"], (url) =>
    openBulkReader({ url, connectionsMax: 2, openWire: openNodeWire }),
  ),
];

function adapter<Port extends { close(): Promise<void> }>(
  port: string,
  contract: Contract<Port>,
  of: { readonly name: string; readonly runtimes: readonly Runtime[]; readonly open: Open<Port> },
): Adapter {
  return {
    port,
    name: of.name,
    runtimes: of.runtimes,
    promises: Object.keys(contract),
    keep: async (promise, url) => {
      const kept = contract[promise];
      if (!kept) throw new Error(`the contract of ${port} has no promise ${JSON.stringify(promise)}`);
      await keep(kept, of.open, url);
    },
  };
}
