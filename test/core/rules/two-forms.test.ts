import { describe, expect, test } from "bun:test";
import { readExactJson, writeExactJson } from "../../../src/core/events/exact-json.ts";
import { ExactNumber } from "../../../src/core/events/json.ts";
import { checkCondition } from "../../../src/core/rules/conditions/check-condition.ts";
import { readConditionJson } from "../../../src/core/rules/conditions/condition-json.ts";
import { parseCondition } from "../../../src/core/rules/conditions/parse-condition.ts";
import { printCondition } from "../../../src/core/rules/conditions/print-condition.ts";
import { writeConditionJson } from "../../../src/core/rules/conditions/write-condition-json.ts";
import { ORDER } from "./orders.ts";
import { RandomConditions } from "./random-conditions.ts";

describe("the two forms of a condition", () => {
  test("both give the tree back from which they were written", () => {
    const random = new RandomConditions(7);
    for (let turn = 0; turn < 5_000; turn += 1) {
      const condition = random.next(4);
      const text = printCondition(condition);
      const read = parseCondition(text);
      expect(read.condition).toEqual(condition);
      expect(printCondition(read.condition)).toBe(text);
      const json = writeConditionJson(condition);
      expect(readConditionJson(json).condition).toEqual(condition);
      // Through text, and through a reader that knows doubles only.
      expect(readConditionJson(readExactJson(writeExactJson(json))).condition).toEqual(condition);
      expect(readConditionJson(JSON.parse(JSON.stringify(json))).condition).toEqual(condition);
      expect(
        checkCondition(read, ORDER, ["insert", "update", "delete"]).filter(
          ({ message }) => !/at most|deeper/.test(message),
        ),
      ).toEqual([]);
    }
  });

  test.each([
    ["a&&b||!c", "a = true && b = true || !(c = true)"],
    ["(a || b) && (c && d)", "(a = true || b = true) && (c = true && d = true)"],
    ["1 - (2 - x) * -y > 007.50", "1 - (2 - x) * -y > 7.5"],
    ["new.\"Odd \"\"name\" = 'it''s'", "new.\"Odd \"\"name\" = 'it''s'"],
    ["data['a b'][0].c in (1e3, -2, true)", "data['a b'][0].c in (1000, -2, true)"],
    ['"new" = 1 && "in" = 2 && new.in = 3', '"new" = 1 && "in" = 2 && new.in = 3'],
    ["contains(tags, [ 'a' ]) && has_key(claims.roles, 'x')", "contains(tags, ['a']) && has_key(claims.roles, 'x')"],
    ["data = json('{ \"n\": 12345678901234567890.0 }')", "data = json('{\"n\":12345678901234567890.0}')"],
    ["true", "true"],
  ])("%s prints as %s", (text, printed) => {
    expect(printCondition(parseCondition(text).condition)).toBe(printed);
  });

  test("no reader of JSON rounds a number of the written form, however deep it stands", () => {
    const { condition } = parseCondition("data = json('{\"n\": [12345678901234567890.0]}') && id = 9007199254740993");
    const json = writeConditionJson(condition);
    expect(json).toEqual({
      _and: [
        { data: { _eq: { _json_text: '{"n":[12345678901234567890.0]}' } } },
        { id: { _eq: { _number: "9007199254740993" } } },
      ],
    });
    expect(readConditionJson(JSON.parse(JSON.stringify(json))).condition).toEqual(condition);
  });

  test("texts of any kind are read or refused, in time for their length", () => {
    const random = new RandomConditions(11);
    const words = [
      "(",
      ")",
      "!",
      "-",
      "&&",
      "||",
      "=",
      "a",
      "'x'",
      "1",
      "[",
      "]",
      ".",
      ",",
      "in",
      "not",
      "is",
      "null",
      "json",
      "changed",
      '"',
      "'",
    ];
    for (let turn = 0; turn < 3_000; turn += 1) {
      const text = Array.from({ length: random.pick([1, 5, 20, 200]) }, () => random.pick(words)).join(
        random.pick(["", " "]),
      );
      try {
        const { condition } = parseCondition(text);
        expect(parseCondition(printCondition(condition)).condition).toEqual(condition);
      } catch (error) {
        expect((error as Error).constructor.name).toBe("WrittenWrong");
      }
    }
  });
});

describe("JSON without rounding", () => {
  test("keeps the digits that a double would lose, and only those", () => {
    expect(readExactJson('{"a": 9007199254740993, "b": [1.50, 1e2, 1e400, -0.1], "c": "9007199254740993"}')).toEqual({
      a: new ExactNumber("9007199254740993"),
      b: [1.5, 100, new ExactNumber("1e400"), -0.1],
      c: "9007199254740993",
    });
  });

  test("writes what it read", () => {
    const text = '{"__proto__":[1,{"x":12345678901234567890}],"e":"\\"\\\\\\u0001","t":[true,null,{}],"":[]}';
    expect(writeExactJson(readExactJson(text))).toBe(text);
    expect(Object.hasOwn(readExactJson(text) as object, "__proto__")).toBe(true);
  });

  test.each([
    '{"a": 12345678901234567890',
    "[12345678901234567890,]",
    "12345678901234567890x",
    "012345678901234567890",
    "{12345678901234567890: 1}",
    `${"[".repeat(600)}12345678901234567890`,
  ])("refuses %s", (text) => {
    expect(() => readExactJson(text)).toThrow(SyntaxError);
  });
});
