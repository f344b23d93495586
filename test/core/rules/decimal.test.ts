import { expect, test } from "bun:test";
import { digitsOf, parseNumber } from "../../../src/core/rules/conditions/decimal.ts";

test("a number of any length is read with all its digits, and written without zeros that say nothing", () => {
  const written = [
    ["0", "0"],
    ["-0", "0"],
    ["-0.00", "0"],
    ["1.50", "1.5"],
    ["0.00000000000010", "0.0000000000001"],
    ["-123456789.1234", "-123456789.1234"],
    ["999999999999999", "999999999999999"],
    ["9999999999999.9", "9999999999999.9"],
    ["0.1234567890123", "0.1234567890123"],
    ["9007199254740993", "9007199254740993"],
    ["0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"],
    ["1.5e-7", "0.00000015"],
    ["2e21", "2000000000000000000000"],
  ];
  for (const [text = "", digits] of written) expect(digitsOf(parseNumber(text) ?? Number.NaN)).toBe(digits as string);
});

test("what is no number is not read, be it short", () => {
  for (const text of ["", "-", ".5", "5.", "1.2.3", "0x10", "1e", "--1", " 1", "Infinity"])
    expect(parseNumber(text)).toBeUndefined();
});
