import { expect, test } from "bun:test";
import { readExactJson } from "../../../src/core/events/exact-json.ts";
import { ExactNumber } from "../../../src/core/events/json.ts";

test("a number that a double rounds keeps its digits, wherever it stands", () => {
  for (const digits of [
    "9007199254740993",
    "-9007199254740993",
    "0.12345678901234567",
    "1e400",
    "-2.5E-400",
    "12e999",
  ]) {
    const exact = new ExactNumber(digits);
    expect(readExactJson(digits)).toEqual(exact);
    expect(readExactJson(`\n\t ${digits} `)).toEqual(exact);
    expect(readExactJson(`[${digits}]`)).toEqual([exact]);
    expect(readExactJson(`[1,${digits},2]`)).toEqual([1, exact, 2]);
    expect(readExactJson(`{"a":${digits}}`)).toEqual({ a: exact });
    expect(readExactJson(`{"a": ${digits} , "b":[[${digits}]]}`)).toEqual({ a: exact, b: [[exact]] });
  }
});

test("digits in a text are no number, however long they are and whatever letters stand between them", () => {
  const texts = [
    "3e4f",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "12345678901234567890",
    "at 9:1e400, 7",
  ];
  for (const text of texts) expect(readExactJson(JSON.stringify({ text, count: 7 }))).toEqual({ text, count: 7 });
});

test("a number that a double names is that double, written with an exponent or not", () => {
  expect(readExactJson('{"a":1e3,"b":[2.5E-3,12345678901234560000]}')).toEqual({
    a: 1000,
    b: [0.0025, 12345678901234560000],
  });
});
