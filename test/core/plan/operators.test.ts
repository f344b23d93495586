import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { OPERATORS_PAGE, operatorsPage } from "../../../scripts/operators-page.ts";
import { operatorFamilies } from "../../../src/core/plan/operator-families.ts";
import { OPERATORS, operatorsOf } from "../../../src/core/plan/operators.ts";
import type { PgType } from "../../../src/core/schema/catalog.ts";
import { renderText, sql } from "../../../src/core/sql/fragment.ts";

test("docs/reference/operators.md is what the table says (bun run docs:operators writes it)", () => {
  expect(readFileSync(OPERATORS_PAGE, "utf8")).toBe(operatorsPage());
});

describe("the operator table", () => {
  test("has one operator of a name in each family", () => {
    const keys = OPERATORS.map(({ family, name }) => `${family}.${name}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("gives every type operators of different names", () => {
    const text = { kind: "base", name: "text" } as const;
    const types: readonly PgType[] = [
      text,
      ...["int4", "bool", "jsonb", "json", "xml"].map((name) => ({ kind: "base", name }) as const),
      { kind: "array", element: text },
      { kind: "enum", schema: "s", name: "e" },
    ];
    for (const type of types) {
      const names = operatorsOf(type).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test("sees through domains, and gives nothing to what cannot be compared", () => {
    const domain = { kind: "domain", schema: "s", name: "d", base: { kind: "base", name: "text" } } as const;
    expect(operatorFamilies(domain)).toEqual(["equality", "order", "text"]);
    expect(operatorFamilies({ kind: "array", element: domain })).toEqual(["array"]);
    expect(operatorFamilies({ kind: "array", element: { kind: "base", name: "xml" } })).toEqual([]);
    expect(operatorFamilies({ kind: "base", name: "json" })).toEqual([]);
    expect(operatorFamilies({ kind: "composite", schema: "s", name: "c" })).toEqual([]);
  });

  test("renders nothing but its operator between the two sides", () => {
    for (const { sql: render } of OPERATORS) {
      const { text } = renderText(render(sql`left_side`, sql`right_side`));
      expect(text).toMatch(/^left_side (?:[=<>@?&|~*!]+|not i?like|i?like|= any\(|<> all\() ?(?:\()?right_side\)?$/);
    }
  });
});

describe("text operators that are no patterns themselves", () => {
  const patternOf = (name: string): string | undefined =>
    OPERATORS.find((each) => each.name === name && each.family === "text")?.pattern?.("50%_\\");

  test("take every character as itself", () => {
    expect(patternOf("startsWith")).toBe("50\\%\\_\\\\%");
    expect(patternOf("iendsWith")).toBe("%50\\%\\_\\\\");
    expect(patternOf("icontains")).toBe("%50\\%\\_\\\\%");
    expect(patternOf("like")).toBeUndefined();
  });
});
