import { describe, expect, test } from "bun:test";
import { parseValue } from "graphql";
import { isScalar, SCALARS, scalarOfPgType, scalarType } from "../../../src/core/schema/scalars.ts";

const fromVariable = (name: string, value: unknown): unknown => scalarType(name).parseValue(value);
const fromLiteral = (name: string, text: string): unknown => scalarType(name).parseLiteral(parseValue(text), {});

const shown = (value: unknown): string => (typeof value === "number" ? String(value) : JSON.stringify(value));

/** What each scalar takes as a variable, and PostgreSQL's text for it. */
const TAKEN: readonly (readonly [scalar: string, value: unknown, text: string])[] = [
  ["BigInt", "9223372036854775807", "9223372036854775807"],
  ["BigInt", "-9223372036854775808", "-9223372036854775808"],
  ["BigInt", 42, "42"],
  ["BigInt", "007", "7"],
  ["Decimal", "12345678901234567890.123456789", "12345678901234567890.123456789"],
  ["Decimal", 0.1, "0.1"],
  ["Decimal", "-1.5e-7", "-1.5e-7"],
  ["Decimal", "NaN", "NaN"],
  ["UUID", "0B6C1C5E-7F0A-4D8E-9A53-2F1D2C1F9A11", "0b6c1c5e-7f0a-4d8e-9a53-2f1d2c1f9a11"],
  ["DateTime", "2024-02-29T23:59:59.123456+02:00", "2024-02-29T23:59:59.123456+02:00"],
  ["DateTime", "2024-02-29t10:00z", "2024-02-29T10:00Z"],
  ["DateTime", "0044-03-15T00:00:00Z BC", "0044-03-15T00:00:00Z BC"],
  ["DateTime", "-infinity", "-infinity"],
  ["LocalDateTime", "2026-03-01T24:00:00", "2026-03-01T24:00:00"],
  ["Date", "0005-02-29 BC", "0005-02-29 BC"],
  ["Date", "infinity", "infinity"],
  ["Time", "12:30", "12:30"],
  ["TimeWithZone", "12:30:00-08:00", "12:30:00-08:00"],
  ["Duration", "P1Y-2M3DT4H-5M6.789S", "P1Y-2M3DT4H-5M6.789S"],
  ["Duration", "PT0S", "PT0S"],
  ["JSON", { b: [1, null, "ü"], a: {} }, '{"b":[1,null,"ü"],"a":{}}'],
  ["JSON", "text", '"text"'],
  ["JSON", { a: "\\u0000 as six characters" }, '{"a":"\\\\u0000 as six characters"}'],
  ["Bytes", "", "\\x"],
  ["Bytes", "AP8=", "\\x00ff"],
  ["Bytes", "+/+/", "\\xfbffbf"],
  ["IP", "192.0.2.1/24", "192.0.2.1/24"],
  ["IP", "::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ["IP", "2001:db8::", "2001:db8::"],
  ["CIDR", "192.0.2.0/24", "192.0.2.0/24"],
  ["CIDR", "2001:db8::/32", "2001:db8::/32"],
  ["MAC", "08-00-2B-01-02-03", "08:00:2b:01:02:03"],
  ["MAC", "08:00:2b:01:02:03:04:05", "08:00:2b:01:02:03:04:05"],
  ["EmailAddress", "ada.lovelace+notes@example.org", "ada.lovelace+notes@example.org"],
  ["URL", "https://user@[2001:db8::1]:8443/a%20b?c=d#e", "https://user@[2001:db8::1]:8443/a%20b?c=d#e"],
  ["PhoneNumber", "+4930901820", "+4930901820"],
  ["CountryCode", "DE", "DE"],
  ["CurrencyCode", "EUR", "EUR"],
];

const REFUSED: readonly (readonly [scalar: string, value: unknown])[] = [
  ["BigInt", "9223372036854775808"],
  ["BigInt", 9007199254740992],
  ["BigInt", 1.5],
  ["BigInt", "1e3"],
  ["BigInt", true],
  ["Decimal", 0.1 + 0.2],
  ["Decimal", Number.NaN],
  ["Decimal", "1,5"],
  ["Decimal", "."],
  ["Decimal", ""],
  ["UUID", "0b6c1c5e7f0a4d8e9a532f1d2c1f9a11"],
  ["DateTime", "2026-02-29T00:00:00Z"],
  ["DateTime", "2026-03-01T00:00:00"],
  ["DateTime", "2026-03-01 00:00:00Z"],
  ["DateTime", "2026-03-01T24:00:01Z"],
  ["DateTime", "2026-03-01T00:00:60Z"],
  ["DateTime", "2026-03-01T00:00:00.1234567Z"],
  ["DateTime", "0000-01-01T00:00:00Z"],
  ["DateTime", "tomorrow"],
  ["Date", "01/02/2003"],
  ["Date", "1900-02-29"],
  ["Date", "2026-13-01"],
  ["Date", "4715-01-01 BC"],
  ["Time", "infinity"],
  ["TimeWithZone", "12:30:00"],
  ["Duration", "P"],
  ["Duration", "PT"],
  ["Duration", "1 day"],
  ["JSON", { a: "\u0000" }],
  ["JSON", "\ud800"],
  ["Bytes", "AP8"],
  ["Bytes", "AP9="],
  ["Bytes", "_-_-"],
  ["IP", "192.0.2.256"],
  ["IP", "192.0.2.01"],
  ["IP", "1::2::3"],
  ["IP", "192.0.2.1/33"],
  ["CIDR", "192.0.2.1/24"],
  ["MAC", "08:00-2b:01:02:03"],
  ["EmailAddress", "ada"],
  ["EmailAddress", "ada@localhost"],
  ["URL", "/relative"],
  ["URL", "https://example.org/ü"],
  ["URL", "https://example.org/%zz"],
  ["CountryCode", "de"],
  ["UUID", 7],
];

describe("a scalar's input", () => {
  test.each(TAKEN.map(([scalar, value, text]) => [scalar, shown(value), text, value] as const))(
    "%s takes %s as %s",
    (scalar, _, text, value) => {
      expect(fromVariable(scalar, value)).toBe(text);
    },
  );

  test.each(REFUSED.map(([scalar, value]) => [scalar, shown(value), value] as const))(
    "%s refuses %s with what it expected",
    (scalar, _, value) => {
      expect(() => fromVariable(scalar, value)).toThrow(/Expected|fit 64 bits|cannot hold/);
    },
  );

  test("numbers in a document keep every digit that was written", () => {
    expect(fromLiteral("BigInt", "9223372036854775807")).toBe("9223372036854775807");
    expect(fromLiteral("Decimal", "0.1234567890123456789")).toBe("0.1234567890123456789");
    expect(fromLiteral("JSON", "{ n: 12345678901234567890, list: [1.10, true, null, RED] }")).toBe(
      '{"n":12345678901234567890,"list":[1.10,true,null,"RED"]}',
    );
  });

  test("a JSON literal with a variable inside is refused", () => {
    expect(() => fromLiteral("JSON", "{ a: $x }")).toThrow("pass the whole value as a variable");
  });

  test("a message shows the value cut and escaped", () => {
    expect(() => fromVariable("UUID", `\n${"x".repeat(1_000)}`)).toThrow(/got "\\nx{59}…"/);
  });
});

describe("the table", () => {
  test("every PostgreSQL type is read as one scalar", () => {
    const types = SCALARS.flatMap(({ pg }) => pg);
    expect(new Set(types).size).toBe(types.length);
    expect(scalarOfPgType("timestamptz")).toBe("DateTime");
    expect(scalarOfPgType("tsvector")).toBeUndefined();
  });

  test("every row gives a type with a description", () => {
    for (const { name } of SCALARS) {
      expect(scalarType(name).name).toBe(name);
      expect(scalarType(name).description).toBeTruthy();
    }
    expect(isScalar("Money")).toBe(false);
    expect(() => scalarType("Money")).toThrow("there is no scalar Money");
  });
});
