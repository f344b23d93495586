/** The grammar on the page and the parser read the same language: sentences of the one are conditions of the other. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parseCondition } from "../../../src/core/rules/conditions/parse-condition.ts";
import { printCondition } from "../../../src/core/rules/conditions/print-condition.ts";
import { WrittenWrong } from "../../../src/core/rules/problem.ts";
import { seeded } from "../../support/seeded.ts";
import { readGrammar, recognises, sentence } from "./ebnf.ts";
import { RandomConditions } from "./random-conditions.ts";

const PAGE = readFileSync(new URL("../../../docs/reference/conditions.md", import.meta.url), "utf8");
const GRAMMAR = readGrammar(/```ebnf\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? "");
const SEED = Number(process.env["FRAISEQL_TEST_SEED"] ?? 20_260_302);

/** What the page says that its grammar does not. */
const BESIDE_THE_GRAMMAR =
  /^(compare this with something|expected a (value|condition) here|expected a condition: |this is not JSON)/;

function problemIn(text: string): string | undefined {
  try {
    parseCondition(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof WrittenWrong)) throw error;
    return error.message;
  }
}

test("a condition that is printed is a sentence of the grammar", () => {
  const random = new RandomConditions(SEED);
  for (let count = 0; count < 500; count += 1) {
    const text = printCondition(random.next());
    if (!recognises(GRAMMAR, "condition", text)) throw new Error(`seed ${SEED}: no sentence: ${text}`);
  }
});

test("a sentence of the grammar is read", () => {
  const random = seeded(SEED);
  const said = new Map<string, string>();
  for (let count = 0; count < 3_000; count += 1) {
    const text = sentence(GRAMMAR, "condition", random);
    const problem = problemIn(text);
    if (problem !== undefined && !BESIDE_THE_GRAMMAR.test(problem))
      said.set(problem.replace(/found.*/, "found …"), text);
  }
  expect(Object.fromEntries(said)).toEqual({});
});

test("what is changed by one character is read only if it is a sentence still", () => {
  const random = seeded(SEED + 1);
  const conditions = new RandomConditions(SEED + 2);
  const signs = [..."()[]{}'\"=!<>&|+-*/%,.;:?#@ a0"];
  let refused = 0;
  for (let count = 0; count < 2_000; count += 1) {
    const text = printCondition(conditions.next(2));
    const at = Math.floor(random() * text.length);
    const changed =
      text.slice(0, at) +
      (signs[Math.floor(random() * signs.length)] ?? "") +
      text.slice(at + (random() < 0.5 ? 1 : 0));
    if (problemIn(changed) === undefined && !recognises(GRAMMAR, "condition", changed))
      throw new Error(`seed ${SEED}: read, but no sentence: ${changed}`);
    if (problemIn(changed) !== undefined) refused += 1;
  }
  expect(refused).toBeGreaterThan(500);
});
