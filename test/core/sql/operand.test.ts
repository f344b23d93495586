import { describe, expect, test } from "bun:test";
import { pgText } from "../../../src/core/sql/operand.ts";

describe("a value in PostgreSQL's text form", () => {
  test("scalars", () => {
    expect([5, -0.5, 1e21, true, "x", ""].map(pgText)).toEqual(["5", "-0.5", "1e+21", "true", "x", ""]);
    expect([null, undefined].map(pgText)).toEqual([null, null]);
  });

  test("arrays, with everything quoted that could be read as syntax", () => {
    expect(pgText([])).toBe("{}");
    expect(pgText([1, null, "NULL", "", 'a"b', "c\\d", "{e,f}", " g "])).toBe(
      '{"1",NULL,"NULL","","a\\"b","c\\\\d","{e,f}"," g "}',
    );
    expect(pgText([[1], [2]])).toBe('{{"1"},{"2"}}');
  });

  test("a character PostgreSQL cannot store is refused, also inside of a list", () => {
    for (const value of ["a\0", ["x", "\0"], "\ud800", ["\udfff"], "a\ude00\ud83d"])
      expect(() => pgText(value)).toThrow(/A text holds/);
    expect(pgText("\ud83d\ude00")).toBe("😀");
  });
});
