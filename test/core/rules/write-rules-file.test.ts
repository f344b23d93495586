import { expect, test } from "bun:test";
import { writeRulesFile } from "../../../src/core/rules/write-rules-file.ts";

test("rules that a store gives in an order of its own are written as an author writes them", () => {
  const kept = {
    org: null,
    name: "grown",
    entity: "City",
    actions: [{ url: "https://example.com/", kind: "webhook" }],
    condition: "changed(population)",
    operations: ["update"],
  };
  expect(writeRulesFile([kept])).toBe(`import { defineRules } from "fraiseql";

export const rules = defineRules([
  {
    name: "grown",
    entity: "City",
    operations: ["update"],
    condition: "changed(population)",
    actions: [{ kind: "webhook", url: "https://example.com/" }],
    org: null,
  },
]);
`);
});
