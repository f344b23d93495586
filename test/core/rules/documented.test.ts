import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { checkRule, readCondition } from "../../../src/core/rules/check-rule.ts";
import {
  ARITHMETIC_SIGNS,
  CALLS,
  COMPARISON_SIGNS,
  JSON_ARITHMETIC,
  JSON_OPERATORS,
} from "../../../src/core/rules/conditions/condition-words.ts";
import { explainCondition, explanationText } from "../../../src/core/rules/conditions/explain-condition.ts";
import { EVENT_FIELDS } from "../../../src/core/rules/templates/template.ts";
import { ORDER, updated } from "./orders.ts";

const page = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8");
const blocks = (text: string, kind: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${kind}\n([\\s\\S]*?)\`\`\``, "g"))].map(([, content = ""]) => content);

const CONDITIONS = page("reference/conditions.md");
const GUIDE = page("guides/rules.md");

describe("docs/reference/conditions.md", () => {
  const texts = blocks(CONDITIONS, "condition").flatMap((block) => block.trim().split("\n"));
  const jsons = blocks(CONDITIONS, "json condition");

  test("has examples", () => {
    expect([texts.length, jsons.length]).toEqual([9, 3]);
  });

  test.each(texts)("%s is a condition", (text) => {
    expect(readCondition(text, ORDER, ["update", "delete"]).problems).toEqual([]);
  });

  test.each(jsons)("%s is a condition", (json) => {
    expect(readCondition(JSON.parse(json), ORDER, ["update"]).problems).toEqual([]);
  });

  test("its grammar and its tables have every operator there is, and no other", () => {
    const grammar = blocks(CONDITIONS, "ebnf")[0] ?? "";
    const quoted = new Set(
      [...grammar.matchAll(/"([^"]+)"|'([^']+)'/g)].map(([, double, single]) => double ?? single ?? ""),
    );
    const words = [...Object.values(COMPARISON_SIGNS), ...Object.values(ARITHMETIC_SIGNS), ...Object.keys(CALLS)];
    const others = [
      "||",
      "&&",
      "!",
      "is",
      "not",
      "null",
      "in",
      "like",
      "ilike",
      "(",
      ")",
      "[",
      "]",
      ",",
      ".",
      "true",
      "false",
      "json",
    ];
    const lexical = ["op", "now", "old", "new", "claims", "'", "''", '"', '""', "e", "E"];
    expect([...quoted].toSorted()).toEqual([...new Set([...words, ...others, ...lexical])].toSorted());
    const table = [...CONDITIONS.matchAll(/^\| `[^|]*(?:\\\|\\\|[^|]*)?` \| `(_\w+)` \|/gm)].map(
      ([, name = ""]) => name,
    );
    expect(table.toSorted()).toEqual([...JSON_OPERATORS, "_and", "_or", "_not"].toSorted());
    for (const name of Object.keys(JSON_ARITHMETIC)) expect(CONDITIONS).toContain(`\`${name}\``);
  });
});

describe("docs/guides/rules.md", () => {
  const webhook = { templates: { url: "url", body: "json" }, check: () => [] } as const;
  const scope = { entities: new Map([["Order", ORDER]]), actions: new Map([["webhook", webhook]]) };

  test("its file is one of rules", () => {
    const [code = ""] = blocks(GUIDE, "ts");
    const list = new Bun.Transpiler({ loader: "ts" }).transformSync(
      code.slice(code.indexOf("defineRules("), code.lastIndexOf(";")),
    );
    const rules = new Function("defineRules", `return ${list}`)((each: unknown) => each) as unknown[];
    expect(rules.length).toBe(1);
    for (const rule of rules) expect(checkRule(rule, scope)).toHaveProperty("rule");
  });

  test("its pauses are ones a rule can have", () => {
    const lines = blocks(GUIDE, "json backoff").flatMap((block) => block.trim().split("\n"));
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      const rule = {
        name: "r",
        entity: "Order",
        operations: ["insert"],
        actions: [{ kind: "webhook" }],
        retry: { attemptsMax: 3, backoff: JSON.parse(line) },
      };
      expect(checkRule(rule, scope)).toHaveProperty("rule");
    }
  });

  test("its explanations are what is said", () => {
    const row = updated({ status: "paid" }, { status: "paid", total: 50, note: null });
    const said = ["total > 100", "changed_to(status, 'shipped')", "note = 'x'"].map((text) => {
      const { condition } = readCondition(text, ORDER, ["update"]);
      return condition && explanationText(explainCondition(condition, ORDER, row));
    });
    expect(said).toEqual((blocks(GUIDE, "text explanation")[0] ?? "").trim().split("\n"));
  });

  test("it names every field of an event that a template can have", () => {
    for (const field of EVENT_FIELDS) expect(GUIDE).toMatch(new RegExp(`(event\\.${field}|\`${field}\`)`));
  });
});
