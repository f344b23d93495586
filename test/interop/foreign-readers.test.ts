/** Readers nobody here wrote: each gets streams of random tables and gives back what it found in them. */
import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import type { Column, ColumnType } from "../../src/core/columnar/column.ts";
import type { ExtensionTypes } from "../../src/core/columnar/schema-message.ts";
import { asRead, type Table, type TableOptions, tablesOf } from "../core/columnar/arbitrary-table.ts";
import { column, encode } from "../core/columnar/encode.ts";
import type { Logical } from "../core/columnar/logical.ts";
import { installPython, installReaders } from "./installed.ts";
import { normalRows, READERS, read } from "./reading.ts";

type Reading = { readonly nanoTimes?: boolean; readonly extensionTypes?: ExtensionTypes };

async function expectSame(
  command: readonly string[],
  tables: readonly Table[],
  { nanoTimes = false, extensionTypes = "named" }: Reading,
): Promise<void> {
  const streams = tables.map(({ columns, rows }, index) =>
    encode(columns, rows, { batchRows: [1, 7, 2_048][index % 3] as number, extensionTypes }),
  );
  const found = await read(command, streams);
  tables.forEach(({ columns, rows }, index) => {
    expect(normalRows(columns, found[index], nanoTimes)).toEqual(
      rows.map((row) => row.map((value, place) => asRead(columns[place] as Column, value))),
    );
  });
}

/** One run of the program for many tables: it takes longer to start than to read them. */
async function expectRandomTables(
  command: readonly string[],
  options: TableOptions,
  reading: Reading = {},
): Promise<void> {
  const many = fc.array(tablesOf(options), { minLength: 60, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(many, (tables) => expectSame(command, tables, reading)),
    { numRuns: 1, endOnFailure: true },
  );
}

const bun = process.execPath;
const streamOf = (type: ColumnType, ...values: readonly Logical[]) =>
  encode(
    [column("c", type)],
    values.map((value) => [value]),
  );

describe("DuckDB", () => {
  const command = [bun, join(READERS, "duckdb.mjs")];
  const FINITE: TableOptions = { decimalDigitsMax: 38, extremes: false, listedDictionaries: false };
  beforeAll(installReaders, 180_000);

  test("reads random tables of every type but decimals of more than 38 digits and lists of labels", async () => {
    await expectRandomTables(command, FINITE);
  }, 120_000);

  test("says that it cannot read decimals of more than 38 digits", async () => {
    const [found] = await read(command, [streamOf({ kind: "decimal", precision: 39, scale: 0 }, "1")]);
    expect(found).toEqual({ error: expect.stringContaining("Decimal") });
  }, 60_000);
});

describe("Polars", () => {
  const command = [bun, join(READERS, "polars.mjs")];
  beforeAll(installReaders, 180_000);

  test("reads random tables of every type but UUIDs, JSON, intervals and decimals of more than 38 digits", async () => {
    const types: TableOptions = { decimalDigitsMax: 38, without: ["uuid", "json", "interval"] };
    await expectRandomTables(command, types, { nanoTimes: true });
  }, 120_000);

  test("reads UUIDs and JSON too where the names of extension types are omitted", async () => {
    const types: TableOptions = { decimalDigitsMax: 38, without: ["interval"] };
    await expectRandomTables(command, types, { nanoTimes: true, extensionTypes: "omitted" });
  }, 120_000);

  test("nodejs-polars says that it cannot read the types it cannot read", async () => {
    const found = await read(command, [
      streamOf({ kind: "uuid" }, null),
      streamOf({ kind: "json", versioned: false }, null),
      streamOf({ kind: "interval" }, null),
      streamOf({ kind: "decimal", precision: 39, scale: 0 }, "1"),
    ]);
    const reasons = ["arrow.uuid", "arrow.json", "interval", "Int256"].map((reason) => ({
      error: expect.stringContaining(reason),
    }));
    expect(found).toEqual(reasons);
  }, 60_000);
});

const installed = await installPython();
const reason = "missing" in installed ? ` (skipped: ${installed.missing})` : "";

describe.skipIf("missing" in installed)(`pyarrow${reason}`, () => {
  const python = "python" in installed ? installed.python : "";

  test("reads random tables of every type and finds nothing invalid in them", async () => {
    await expectRandomTables([python, join(READERS, "read_files.py"), "pyarrow"], {});
  }, 120_000);

  test("hands them to DuckDB, which gives back the same, lists of labels included", async () => {
    await expectRandomTables([python, join(READERS, "read_files.py"), "duckdb"], {
      decimalDigitsMax: 38,
      extremes: false,
    });
  }, 120_000);
});
