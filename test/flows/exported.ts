/** A database behind the API, asked for tables. */
import { openBulkReader } from "../../src/adapters/postgres/bulk/bulk-reader.ts";
import type { Column } from "../../src/core/columnar/column.ts";
import { streamFraming } from "../../src/core/columnar/framing.ts";
import type { Layout } from "../../src/core/sql/exports/flat.ts";
import { TABLE } from "../../src/core/sql/exports/table.ts";
import { chunksOf } from "../../src/flows/exports/chunks.ts";
import { prepareArrow } from "../../src/flows/exports/prepare-arrow.ts";
import { type LineFormat, prepareLines } from "../../src/flows/exports/prepare-lines.ts";
import { type Served, type ServeOptions, serveDatabase } from "../engine/served.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

export type Exported = {
  readonly served: Served;
  readonly columns: (query: string) => readonly Column[];
  readonly chunks: (query: string) => Promise<AsyncIterableIterator<Uint8Array>>;
  /** The whole stream. */
  readonly stream: (query: string) => Promise<Uint8Array>;
  /** The whole stream without objects as columns. */
  readonly flat: (query: string) => Promise<Uint8Array>;
  readonly text: (query: string, format: LineFormat, layout?: Layout) => Promise<string>;
  readonly close: () => Promise<void>;
};

type ExportOptions = ServeOptions & { readonly rowsMax?: number };

export async function exported(name: string, setupSql: string, options: ExportOptions = {}): Promise<Exported> {
  return exportedDatabase(await testDatabase(name, setupSql), options);
}

export async function exportedDatabase(made: TestDatabase, options: ExportOptions = {}): Promise<Exported> {
  const served = await serveDatabase(made, options);
  const bulk = openBulkReader({ url: served.url });
  const { operations } = served;
  const parts = { operations, bulk, rowsMax: options.rowsMax ?? 10_000_000 };
  const begin = async (query: string, layout: Layout) => {
    const how = { layout, makeFraming: streamFraming, extensionTypes: "named" } as const;
    return chunksOf(await prepareArrow(parts, { query }, how).begin({}));
  };
  const chunks: Exported["chunks"] = (query) => begin(query, "nested");
  return {
    served,
    columns: (query) => operations.prepareAs(TABLE.nested.whole, { query }).made.columns,
    chunks,
    stream: async (query) => wholeOf(await chunks(query)),
    flat: async (query) => wholeOf(await begin(query, "flat")),
    text: async (query, format, layout = "nested") => {
      const lines = await prepareLines(parts, { query }, format, layout).begin({});
      return (await wholeOf(chunksOf(lines))).toString();
    },
    close: async () => {
      await bulk.close();
      await served.close();
    },
  };
}

async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const whole: Uint8Array[] = [];
  // A chunk is the reader's own only until the next.
  for await (const chunk of chunks) whole.push(chunk.slice());
  return Buffer.concat(whole);
}
