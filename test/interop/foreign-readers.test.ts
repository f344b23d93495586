/** Readers nobody here wrote: each gets streams of random tables and gives back what it found in them. */
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { Column, ColumnType } from "../../src/core/columnar/column.ts";
import type { ExtensionTypes } from "../../src/core/columnar/schema-message.ts";
import { asRead, type Table, type TableOptions, tablesOf } from "../core/columnar/arbitrary-table.ts";
import { column, encode } from "../core/columnar/encode.ts";
import { float, type Logical } from "../core/columnar/logical.ts";
import { installPython, installReaders, run } from "./installed.ts";

const READERS = join(import.meta.dir, "readers");
type Found = readonly (readonly Logical[])[] | { readonly error: string };

/** What a program finds in streams. */
async function read(command: readonly string[], streams: readonly Uint8Array[]): Promise<readonly Found[]> {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-interop-"));
  try {
    await Promise.all(streams.map((stream, index) => writeFile(join(directory, `t${index}.arrows`), stream)));
    const { code, output } = await run([...command, directory], READERS);
    if (code !== 0) throw new Error(output);
    const files = streams.map((_, index) => readFile(join(directory, `t${index}.json`), "utf8"));
    return (await Promise.all(files)).map((text) => JSON.parse(text) as Found);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Python writes doubles in another way; DuckDB shows UUIDs as text, and Polars counts a day in nanoseconds. */
function normal({ type }: Column, value: Logical, nanoTimes: boolean): Logical {
  if (value === null) return null;
  if (type.kind === "list") return (value as readonly Logical[]).map((item) => normal(type.item, item, nanoTimes));
  if (type.kind === "struct")
    return type.fields.map((field, index) => normal(field, (value as readonly Logical[])[index] as Logical, nanoTimes));
  if (type.kind === "float") return float(Number(value));
  if (type.kind === "uuid") return (value as string).replaceAll("-", "");
  return type.kind === "time" && nanoTimes ? String(BigInt(value as string) / 1000n) : value;
}

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
    const rowsFound = found[index];
    if (!Array.isArray(rowsFound)) throw new Error(JSON.stringify([rowsFound, columns]));
    const normalized = (rowsFound as readonly (readonly Logical[])[]).map((row) =>
      row.map((value, place) => normal(columns[place] as Column, value, nanoTimes)),
    );
    expect(normalized).toEqual(rows.map((row) => row.map((value, place) => asRead(columns[place] as Column, value))));
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
