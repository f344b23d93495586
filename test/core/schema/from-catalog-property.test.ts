import { expect, test } from "bun:test";
import fc from "fast-check";
import { buildSchema as parseSdl, printSchema } from "graphql";
import { buildSchema } from "../../../src/core/graphql/schema.ts";
import { problemsOfModel } from "../../../src/core/schema/builder/check-model.ts";
import { catalogUsedBy } from "../../../src/core/schema/catalog-used.ts";
import { compareCatalogs } from "../../../src/core/schema/drift.ts";
import type { DocumentShapes } from "../../../src/core/schema/from-catalog/document-shape.ts";
import { modelFromCatalog } from "../../../src/core/schema/from-catalog/from-catalog.ts";
import { namesOfLeaf, namesOfObject, reservedTypeNames } from "../../../src/core/schema/from-catalog/type-names.ts";
import type { Model } from "../../../src/core/schema/model.ts";
import { randomCatalog } from "./random-catalog.ts";

const RUNS = { numRuns: 200 };
const TIMEOUT_MS = 60_000;
const withRootField = (model: Model): boolean => model.queries.length > 0;

test(
  "any catalog gives a model without a problem, whose schema is valid GraphQL",
  () => {
    fc.assert(
      fc.property(randomCatalog, (catalog) => {
        const { model } = modelFromCatalog(catalog);
        if (!withRootField(model)) return;
        expect(problemsOfModel(model)).toEqual([]);
        parseSdl(printSchema(buildSchema(model)));
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  "no two names made for the types of any catalog are equal",
  () => {
    fc.assert(
      fc.property(randomCatalog, (catalog) => {
        const { model } = modelFromCatalog(catalog);
        const made = [
          ...reservedTypeNames(),
          ...model.objects.flatMap(({ name }) => [name, ...namesOfObject(name)]),
          ...model.enums.flatMap(({ name }) => [name, ...namesOfLeaf(name)]),
        ];
        expect(new Set(made).size).toBe(made.length);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  "the schema has no type whose name was not reserved for it",
  () => {
    fc.assert(
      fc.property(randomCatalog, (catalog) => {
        const { model } = modelFromCatalog(catalog);
        if (!withRootField(model)) return;
        const known = new Set([
          ...reservedTypeNames(),
          ...model.objects.flatMap(({ name }) => [name, ...namesOfObject(name)]),
          ...model.enums.flatMap(({ name }) => [name, ...namesOfLeaf(name)]),
        ]);
        const strangers = Object.keys(buildSchema(model).getTypeMap()).filter(
          (name) => !name.startsWith("__") && !known.has(name),
        );
        expect(strangers).toEqual([]);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  "every place a model names is in its catalog",
  () => {
    fc.assert(
      fc.property(randomCatalog, (catalog) => {
        const { model } = modelFromCatalog(catalog);
        const columnsOf = (relation: { schema: string; name: string }): readonly string[] =>
          catalog.relations
            .find(({ schema, name }) => schema === relation.schema && name === relation.name)
            ?.columns.map(({ name }) => name) ?? [];
        for (const object of model.objects) {
          if (object.source.kind === "value") continue;
          const own = columnsOf(object.source.relation);
          for (const field of object.fields) {
            if (field.kind === "relation") {
              const target = model.objects.find(({ name }) => name === field.type)?.source;
              expect(own).toEqual(expect.arrayContaining([...field.local]));
              expect(target?.kind === "columns" ? columnsOf(target.relation) : []).toEqual(
                expect.arrayContaining([...field.foreign]),
              );
            } else if (field.value.from === "column") expect(own).toContain(field.value.column);
          }
          const isTotal = object.keys.map(({ nullable }) => nullable === undefined);
          expect(isTotal).toEqual(isTotal.toSorted((a, b) => Number(b) - Number(a)));
          for (const key of object.keys) {
            for (const { column } of key.columns) {
              const shown = object.fields.filter(
                (field) => field.kind === "scalar" && field.value.from === "column" && field.value.column === column,
              );
              expect(shown).toHaveLength(1);
            }
          }
        }
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  "documents of any keys give valid models too",
  () => {
    fc.assert(
      fc.property(
        randomCatalog,
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 6 }),
        (catalog, keys) => {
          const documents: DocumentShapes = catalog.relations.flatMap((relation) =>
            relation.columns.some(({ name }) => name === "data")
              ? [
                  {
                    relation: { schema: relation.schema, name: relation.name },
                    column: "data",
                    fields: keys.map((key, index) => ({
                      key,
                      value:
                        index % 2 === 0
                          ? { kind: "scalar" as const, type: { kind: "base" as const, name: "text" }, list: false }
                          : {
                              kind: "object" as const,
                              list: index % 3 === 0,
                              fields: [
                                {
                                  key,
                                  value: {
                                    kind: "scalar" as const,
                                    type: { kind: "base" as const, name: "int4" },
                                    list: false,
                                  },
                                },
                              ],
                            },
                    })),
                  },
                ]
              : [],
          );
          const { model } = modelFromCatalog(catalog, documents);
          if (withRootField(model)) expect(problemsOfModel(model)).toEqual([]);
        },
      ),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  "a database does not differ from the catalog it gave",
  () => {
    fc.assert(
      fc.property(randomCatalog, (catalog) => {
        const used = catalogUsedBy(modelFromCatalog(catalog).model, catalog);
        expect(compareCatalogs(used, catalog)).toEqual([]);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);
