/** The head of a table is made once for a plan, and anew where something else has to stand in it. */
import { expect, test } from "bun:test";
import { schemaMessage } from "../../../src/core/columnar/schema-message.ts";
import { createTableHeads } from "../../../src/core/columnar/table-head.ts";
import { column } from "./encode.ts";

const COLUMNS = [column("u", { kind: "uuid" }), column("m", { kind: "dictionary", labels: ["a"], names: ["A"] })];
const named = (metadata: Record<string, string>) => ({ metadata, extensionTypes: "named" }) as const;

test("equal requests have the same head, also with the other kind of extension types between them", () => {
  const heads = createTableHeads(COLUMNS);
  const first = heads(named({ query: "{ a }" }));
  expect(first.schema).toEqual(schemaMessage(COLUMNS, named({ query: "{ a }" })));
  expect(first.dictionaries.length).toBe(1);
  const omitted = heads({ metadata: { query: "{ a }" }, extensionTypes: "omitted" });
  expect(omitted.schema.length).toBeLessThan(first.schema.length);
  expect(heads(named({ query: "{ a }" }))).toBe(first);
});

test("other metadata is never answered with what was kept", () => {
  const heads = createTableHeads(COLUMNS);
  for (const metadata of [
    { query: "{ a }" },
    { query: "{ b }" },
    {},
    { name: "{ b }" },
    { query: "{ b }", name: "" },
  ]) {
    expect(heads(named(metadata)).schema).toEqual(schemaMessage(COLUMNS, named(metadata)));
  }
});
