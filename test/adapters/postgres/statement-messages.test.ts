/** Statements as they go out: Bind and Execute of each, in one piece. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Step, stepsMessage } from "../../../src/adapters/postgres/connection/statement-messages.ts";
import { AS_BINARY, AS_TEXT, IN_PIPELINE, parse } from "../../../src/adapters/postgres/connection/wire-messages.ts";

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value]);
const int32 = (value: number): Buffer => Buffer.from([value >> 24, value >> 16, value >> 8, value]);

/** As the protocol is written down. https://www.postgresql.org/docs/18/protocol-message-formats.html */
function asDocumented({ name, before, values, results }: Step): Buffer {
  const texts = values.map((value) =>
    value === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]),
  );
  const body = [Buffer.from(`\0${name}\0`), int16(0), int16(values.length), ...texts, results.formats];
  const bind = Buffer.concat(body);
  return Buffer.concat([...before, Buffer.from("B"), int32(bind.length + 4), bind, results.after]);
}

const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.constantFrom(
    "",
    "é",
    `${"x".repeat(39)}é`,
    "x".repeat(41),
    "€".repeat(999),
    "€".repeat(1_001),
    "é".repeat(40_000),
  ),
);
const step: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom("", "s0", "s1234"),
  before: fc.constantFrom([], [parse("s0", "select 'é'")]),
  values: fc.array(fc.option(text), { maxLength: 300, size: "small" }),
  results: fc.constantFrom(AS_TEXT, IN_PIPELINE, AS_BINARY),
});

test("any statements go out as the protocol is written down", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
      expect(stepsMessage(steps).equals(Buffer.concat(steps.map(asDocumented)))).toBe(true);
    }),
  );
});

test("more than 255 values are counted in two bytes, and more than 65535 are refused", () => {
  const of = (count: number): Step => ({ name: "s0", before: [], values: Array(count).fill("1"), results: AS_TEXT });
  for (const count of [255, 256, 65_535]) expect(stepsMessage([of(count)])).toEqual(asDocumented(of(count)));
  expect(() => stepsMessage([of(65_536)])).toThrow("at most 65535 values");
});

test("what waits to be sent is not changed by what goes out next", () => {
  const of = (value: string): Step => ({ name: "s0", before: [], values: [value], results: AS_TEXT });
  const first = stepsMessage([of("first")]);
  stepsMessage([of("second")]);
  expect(first).toEqual(asDocumented(of("first")));
});
