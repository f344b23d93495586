/** Values at the edges of each type of PostgreSQL, with the JSON they are answered as. The rules: docs/reference/scalars.md. */
import type { Model, QueryField } from "../../src/core/schema/model.ts";

/** SQL literal (cast to the type by the test) and the JSON text expected. */
type Case = readonly [sql: string, json: string];

export type TypeCases = {
  readonly pg: string;
  readonly cases: readonly Case[];
  /** Without this the type has `eq` and `in` and an order. */
  readonly only?: "answer" | "equality";
};

const same = (...texts: readonly string[]): readonly Case[] =>
  texts.map((text) => [`'${text.replaceAll("'", "''")}'`, JSON.stringify(text)]);

const CONTROLS = Array.from({ length: 31 }, (_, index) => index + 1).concat(
  127,
  128,
  0x9f,
  0x2028,
  0x2029,
  0xfeff,
  0xfffd,
  0xffff,
);

const controlCase = (code: number): Case => {
  // The short escapes of JSON, and \u00XX for the other control characters, as PostgreSQL's to_json writes them.
  const short: Readonly<Record<number, string>> = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r" };
  const escaped = short[code] ?? (code < 32 ? `\\u${code.toString(16).padStart(4, "0")}` : String.fromCharCode(code));
  return [`'a' || chr(${code}) || 'b'`, `"a${escaped}b"`];
};

const DIGITS = "1234567890".repeat(200);
const LONG_BYTES = "00ff10".repeat(40);

export const SCALAR_CASES: readonly TypeCases[] = [
  {
    pg: "int2",
    cases: [
      ["-32768", "-32768"],
      ["0", "0"],
      ["32767", "32767"],
    ],
  },
  {
    pg: "int4",
    cases: [
      ["-2147483648", "-2147483648"],
      ["-1", "-1"],
      ["2147483647", "2147483647"],
    ],
  },
  { pg: "int8", cases: same("-9223372036854775808", "-1", "9007199254740993", "9223372036854775807") },
  {
    pg: "numeric",
    cases: [
      ...same(
        "NaN",
        "Infinity",
        "-Infinity",
        "0",
        "1.10",
        "1.1",
        "-0.000000000000000000000001",
        DIGITS,
        `-${DIGITS}.${DIGITS}`,
      ),
      ["-0.0", '"0.0"'],
      ["1e20", '"100000000000000000000"'],
    ],
  },
  {
    pg: "float4",
    cases: [
      ["'NaN'", "null"],
      ["'Infinity'", "null"],
      ["'-Infinity'", "null"],
      ["0.1", "0.1"],
      ["'3.4028235e38'", "3.4028235e+38"],
      ["'1e-45'", "1e-45"],
      ["'-0'", "-0"],
      ["0", "0"],
    ],
  },
  {
    pg: "float8",
    cases: [
      ["'NaN'", "null"],
      ["'Infinity'", "null"],
      ["'-Infinity'", "null"],
      ["0.1", "0.1"],
      ["'1.7976931348623157e308'", "1.7976931348623157e+308"],
      ["'5e-324'", "5e-324"],
      ["'-0'", "-0"],
      ["'1e21'", "1e+21"],
      ["0.30000000000000004", "0.30000000000000004"],
    ],
  },
  {
    pg: "bool",
    cases: [
      ["true", "true"],
      ["false", "false"],
    ],
  },
  {
    pg: "text",
    cases: [
      ...same(
        "",
        " ",
        "null",
        '"',
        "\\",
        "\\u0000",
        "it's",
        "</script>",
        "{",
        "%_",
        "é",
        "e\u0301",
        "ß",
        "日本語",
        "👩‍👩‍👧‍👦",
        "\u{10ffff}",
        "שלום",
        "x".repeat(5000),
      ),
      ...CONTROLS.map(controlCase),
    ],
  },
  { pg: "varchar", cases: [...same("", "a", "A", "Ω\u0301", "😀"), ...CONTROLS.map(controlCase)] },
  // The padding of bpchar is no part of its value.
  {
    pg: "char(4)",
    cases: [
      ["'ab'", '"ab"'],
      ["' b'", '" b"'],
      ["'abcd'", '"abcd"'],
      ["''", '""'],
      ["'😀'", '"😀"'],
    ],
  },
  { pg: "name", cases: same("", "a name", "Ünï", "x".repeat(63)) },
  { pg: "citext", cases: same("abc", "ABC", "abd", "Éa") },
  {
    pg: "uuid",
    cases: [
      ...same("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
      ["'{0B6C1C5E7F0A4D8E9A532F1D2C1F9A11}'", '"0b6c1c5e-7f0a-4d8e-9a53-2f1d2c1f9a11"'],
    ],
  },
  {
    pg: "timestamptz",
    cases: [
      ...same("infinity", "-infinity"),
      ["'2024-02-29 23:59:59.5+05:30'", '"2024-02-29T18:29:59.5+00:00"'],
      ["'4714-11-24 00:00:00+00 BC'", '"4714-11-24T00:00:00+00:00 BC"'],
      ["'0001-02-29 12:00:00+00 BC'", '"0001-02-29T12:00:00+00:00 BC"'],
      ["'294276-12-31 23:59:59.999999+00'", '"294276-12-31T23:59:59.999999+00:00"'],
      ["'10000-01-01 00:00:00+00'", '"10000-01-01T00:00:00+00:00"'],
      ["'1969-12-31 23:59:59.999999+00'", '"1969-12-31T23:59:59.999999+00:00"'],
    ],
  },
  {
    pg: "timestamp",
    cases: [
      ...same("infinity", "-infinity"),
      ["'4714-11-24 00:00:00 BC'", '"4714-11-24T00:00:00 BC"'],
      ["'294276-12-31 23:59:59.999999'", '"294276-12-31T23:59:59.999999"'],
      ["'2024-02-29 00:00:00'", '"2024-02-29T00:00:00"'],
      ["'2024-03-31 02:30:00'", '"2024-03-31T02:30:00"'],
    ],
  },
  {
    pg: "date",
    cases: same("infinity", "-infinity", "4714-11-24 BC", "0001-02-29 BC", "0001-01-01", "2024-02-29", "5874897-12-31"),
  },
  { pg: "time", cases: same("00:00:00", "23:59:59.999999", "24:00:00", "12:30:00.5") },
  {
    pg: "timetz",
    cases: same("12:30:00+02:00", "12:30:00+05:30", "24:00:00-15:59:59", "00:00:00.000001+15:59:59", "12:30:00+00:00"),
  },
  {
    pg: "interval",
    cases: [
      ...same(
        "PT0S",
        "P1Y2M-3DT4H5M6.789S",
        "P-1D",
        "PT-0.000001S",
        "P178000000Y",
        "P2147483647D",
        "PT2562047788H54.775807S",
        "P-178000000Y",
        "infinity",
        "-infinity",
      ),
      ["'1 mon -1 day +02:03:04'", '"P1M-1DT2H3M4S"'],
    ],
  },
  {
    pg: "json",
    only: "answer",
    cases: [
      [`'{"a": 1, "a": 2}'`, `{"a": 1, "a": 2}`],
      [`'null'`, "null"],
      [`'"\\u0000"'`, '"\\u0000"'],
      [`'"\\ud800"'`, '"\\ud800"'],
      [`' [ 1.50 , 1e400 ] '`, " [ 1.50 , 1e400 ] "],
      [`'12345678901234567890.12345678901234567890'`, "12345678901234567890.12345678901234567890"],
    ],
  },
  {
    pg: "jsonb",
    only: "equality",
    cases: [
      [`'{"a": 1, "a": 2}'`, `{"a": 2}`],
      [`'{"b": [1, null, true, {"c": "d\\"\\\\"}], "": ""}'`, `{"": "", "b": [1, null, true, {"c": "d\\"\\\\"}]}`],
      [`'[]'`, "[]"],
      [`'"\\u0001 😀"'`, `"\\u0001 😀"`],
      [`'false'`, "false"],
      [`'1.50'`, "1.50"],
    ],
  },
  {
    pg: "bytea",
    cases: [
      ["''", '""'],
      ["'\\x00'", '"AA=="'],
      ["'\\x00ff'", '"AP8="'],
      ["'\\xfbfff0'", '"+//w"'],
      [`'\\x${LONG_BYTES}'`, JSON.stringify("AP8Q".repeat(40))],
    ],
  },
  {
    pg: "inet",
    cases: same(
      "192.168.1.5",
      "192.168.1.5/24",
      "0.0.0.0/0",
      "::1",
      "2001:db8::1/32",
      "::ffff:1.2.3.4",
      "255.255.255.255",
    ),
  },
  { pg: "cidr", cases: same("192.168.1.0/24", "0.0.0.0/0", "10.1.2.3/32", "2001:db8::/32", "::/0") },
  {
    pg: "macaddr",
    cases: [...same("08:00:2b:01:02:03", "ff:ff:ff:ff:ff:ff"), ["'08002b-010204'", '"08:00:2b:01:02:04"']],
  },
  { pg: "macaddr8", cases: same("08:00:2b:01:02:03:04:05", "00:00:00:00:00:00:00:00") },
  {
    pg: "odd_labels",
    cases: [
      ["''", '"EMPTY"'],
      ["'PG-13'", '"PG_132"'],
      ["'PG_13'", '"PG_13"'],
      ["'3d'", '"_3d"'],
      ["'true'", '"true_"'],
      ["'a''\"\\b'", '"a_b"'],
      ["'naïve 😀'", '"naive_u1f600"'],
      ["'ok'", '"ok"'],
    ],
  },
  { pg: "short_text", cases: same("a", "é\n") },
  {
    pg: "positive",
    cases: [
      ["1", "1"],
      ["2147483647", "2147483647"],
    ],
  },
];

export const SCALAR_SETUP = `
  CREATE EXTENSION citext;
  CREATE TYPE odd_labels AS ENUM ('', 'PG-13', 'PG_13', '3d', 'true', 'a''"\\b', 'naïve 😀', 'ok');
  CREATE DOMAIN short_text AS varchar(10) CHECK (length(VALUE) < 5);
  CREATE DOMAIN positive AS int4 CHECK (VALUE > 0);
  ${SCALAR_CASES.map(({ pg, cases }) => {
    const rows = [...cases.map(([sql], index) => `(${index + 1}, (${sql})::${pg})`), `(${cases.length + 1}, NULL)`];
    return `CREATE TABLE ${tableOf(pg)} (id int4 PRIMARY KEY, value ${pg}); INSERT INTO ${tableOf(pg)} VALUES ${rows.join(", ")};`;
  }).join("\n")}
`;

export function tableOf(pg: string): string {
  return `of_${pg.replaceAll(/\W+/g, "_")}`;
}

/** Name of the root field of a kind over the table of a type. */
export function rootOver(model: Model, pg: string, kind: QueryField["kind"]): string {
  const object = model.objects.find(({ source }) => source.kind === "columns" && source.relation.name === tableOf(pg));
  const found = model.queries.find((each) => each.kind === kind && each.type === object?.name);
  if (!found) throw new Error(`no ${kind} over ${tableOf(pg)}`);
  return found.name;
}
