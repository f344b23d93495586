/** What introspection writes says the same as what it read: any catalog's files, run, give its model again. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { Catalog } from "../../../src/core/schema/catalog.ts";
import { modelFromCatalog } from "../../../src/core/schema/from-catalog/from-catalog.ts";
import type { Model } from "../../../src/core/schema/model.ts";
import { canonicalJson } from "../../../src/core/schema/seal.ts";
import { withoutUnused, writeSchema } from "../../../src/core/schema/write/write-schema.ts";
import { randomCatalog } from "./random-catalog.ts";

const RUNS = { numRuns: 200 };
const TIMEOUT_MS = 60_000;
const BUILDER = join(import.meta.dir, "..", "..", "..", "src", "core", "mod.ts");

let folder = "";
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "write-schema-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function writtenAndRun(model: Model, catalog: Catalog): Promise<{ model: Model; catalog: Catalog }> {
  count += 1;
  const names = { catalog: `./c${count}.ts`, generated: `./g${count}.ts`, builder: BUILDER };
  const { authored, generated, catalog: catalogText } = writeSchema(model, catalog, names);
  await Bun.write(join(folder, names.catalog), catalogText);
  await Bun.write(join(folder, names.generated), generated);
  await Bun.write(join(folder, `s${count}.ts`), authored);
  return (await import(join(folder, `s${count}.ts`))).schema;
}

/** Two keys may have the same columns; which of them a root field means makes no difference. */
function plain({ objects, queries, ...model }: Model): unknown {
  const columnsOf = (type: string, key: number) => objects.find(({ name }) => name === type)?.keys[key]?.columns;
  const byColumns = queries.map((query) =>
    query.kind === "one" ? { ...query, key: columnsOf(query.type, query.key) } : query,
  );
  return JSON.parse(canonicalJson({ ...model, objects, queries: byColumns }));
}

/** The generator gives one range type several subtypes, two arguments one name and two functions one signature, which no database does. */
function possible(catalog: Catalog): Catalog {
  const subtype = { kind: "base", name: "int4" };
  const copy: Catalog = JSON.parse(JSON.stringify(catalog), (_, value) =>
    value?.kind === "range" ? { ...value, subtype } : value,
  );
  const functions = copy.functions.map((each) => ({
    ...each,
    arguments: each.arguments.map((argument, index, all) =>
      all.findIndex(({ name }) => name === argument.name) < index ? { ...argument, name: null } : argument,
    ),
  }));
  const keys = functions.map(({ schema, name, arguments: all }) =>
    JSON.stringify([schema, name, all.map(({ type }) => type)]),
  );
  return { ...copy, functions: functions.filter((_, index) => keys.indexOf(keys[index] ?? "") === index) };
}

test(
  "the files of any catalog give its model again",
  async () => {
    await fc.assert(
      fc.asyncProperty(randomCatalog.map(possible), async (catalog) => {
        const { model } = modelFromCatalog(catalog);
        if (model.queries.length === 0) return;
        const again = await writtenAndRun(model, catalog);
        expect(plain(again.model)).toEqual(plain(withoutUnused(model)));
        expect(canonicalJson(again.catalog)).toBe(canonicalJson(catalog));
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);
