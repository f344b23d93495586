/** Types of PostgreSQL with random values of each, as texts PostgreSQL reads. */
import fc from "fast-check";

export type TypedColumn = {
  readonly pg: string;
  /** Texts that are a value of the type when quoted. */
  readonly texts: fc.Arbitrary<string>;
  /** What the value's text is; `$` stands for it. Its cast to text if absent. */
  readonly shown?: string;
};

const whole = (bits: number): fc.Arbitrary<string> => {
  const max = 2n ** BigInt(bits - 1);
  return fc.oneof(fc.bigInt(-max, max - 1n), fc.constantFrom(-max, max - 1n, 0n)).map(String);
};
const float = (values: fc.Arbitrary<number>): fc.Arbitrary<string> =>
  fc
    .oneof(values, fc.constantFrom(Number.NaN, 1 / 0, -1 / 0, -0))
    .map((value) => (Object.is(value, -0) ? "-0" : String(value)));

/** Every character PostgreSQL can hold. */
const text = fc
  .oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ unit: "grapheme", maxLength: 60 }))
  .map((value) => value.replaceAll("\0", ""));
const words = fc.stringMatching(/^[a-zA-Z .ü😀]{0,12}$/u);
const longText = fc.oneof(
  text,
  fc.integer({ min: 60, max: 70 }).map((length) => "é".repeat(length)),
  fc.constant("long ".repeat(20_000)),
);

/** Julian days, which have neither months nor eras. */
const day = (last: number): fc.Arbitrary<string> =>
  fc
    .oneof(fc.integer({ min: 0, max: last }), fc.integer({ min: 2_400_000, max: 2_500_000 }), fc.constantFrom(0, last))
    .map((each) => `J${each}`);
const clock = fc.integer({ min: 0, max: 86_399_999 }).chain((millis) =>
  fc.integer({ min: 0, max: 999 }).map((micros) => {
    const seconds = Math.floor(millis / 1000);
    const two = (value: number): string => String(value).padStart(2, "0");
    const fraction = String((millis % 1000) * 1000 + micros).padStart(6, "0");
    return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`;
  }),
);
const orInfinite = (values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 5, arbitrary: values }, { weight: 1, arbitrary: fc.constantFrom("infinity", "-infinity") });
/** 294247-01-08 is the last whole day but one that Arrow's microseconds reach. */
const timestamp = orInfinite(fc.tuple(day(109_192_578), clock).map((parts) => parts.join(" ")));
const interval = fc
  .tuple(fc.integer({ min: -2_000_000, max: 2_000_000 }), fc.integer(), fc.bigInt(-(9n * 10n ** 15n), 9n * 10n ** 15n))
  .map(([months, days, micros]) => `${months} months ${days} days ${micros} microseconds`);

const json = fc.jsonValue().map((value) => JSON.stringify(value));
const jsonb = json.filter((value) => !/\\u0000|\\ud[89a-f]/.test(value));
const bytes = fc.uint8Array({ maxLength: 150 }).map((value) => `\\x${Buffer.from(value).toString("hex")}`);
const address = fc.oneof(
  fc.ipV4(),
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map((parts) => parts.join("/")),
  fc.constantFrom("2001:db8::1", "::ffff:1.2.3.4", "fe80::/10", "10.0.0.0/8"),
);
const IN_JSON = "to_json($) #>> '{}'";

export const LABELS = Array.from({ length: 200 }, (_, index) => `label_${index}`);

export const TYPED_COLUMNS: readonly TypedColumn[] = [
  { pg: "bool", texts: fc.boolean().map(String) },
  { pg: "int2", texts: whole(16) },
  { pg: "int4", texts: whole(32) },
  { pg: "int8", texts: whole(64) },
  { pg: "float4", texts: float(fc.float({ noNaN: true })) },
  { pg: "float8", texts: float(fc.double({ noNaN: true })) },
  {
    pg: "numeric",
    texts: fc.oneof(
      fc.tuple(fc.bigInt(-(10n ** 90n), 10n ** 90n), fc.nat(60)).map(([digits, scale]) => `${digits}e-${scale}`),
      fc.constantFrom("NaN", "Infinity", "-Infinity", "0.000", "1e-300"),
    ),
  },
  { pg: "text", texts: longText },
  { pg: "varchar(80)", texts: fc.string({ unit: "grapheme-ascii", maxLength: 80 }) },
  { pg: "char(12)", texts: words },
  { pg: "name", texts: words },
  { pg: "citext", texts: words },
  { pg: "uuid", texts: fc.uuid() },
  { pg: "date", texts: orInfinite(day(2_147_483_493)) },
  { pg: "time", texts: clock },
  { pg: "timestamp", texts: timestamp },
  { pg: "timestamptz", texts: timestamp.map((value) => (value.endsWith("infinity") ? value : `${value}+00`)) },
  {
    pg: "timetz",
    texts: clock.chain((value) => fc.constantFrom("+05:30", "-03", "+00").map((offset) => value + offset)),
    shown: "regexp_replace($::text, '([+-]..)$', '\\1:00')",
  },
  { pg: "interval", texts: interval },
  { pg: "json", texts: json },
  { pg: "jsonb", texts: jsonb },
  { pg: "bytea", texts: bytes },
  { pg: "inet", texts: address, shown: IN_JSON },
  { pg: "cidr", texts: fc.constantFrom("192.0.2.0/24", "10.0.0.0/8", "2001:db8::/32") },
  { pg: "macaddr", texts: fc.constantFrom("08:00:2b:01:02:03") },
  { pg: "macaddr8", texts: fc.constantFrom("08:00:2b:01:02:03:04:05") },
  { pg: "big_enum", texts: fc.constantFrom(...LABELS) },
  { pg: "small_int", texts: fc.integer({ min: 0, max: 9 }).map(String) },
  { pg: "title", texts: words },
  { pg: "price", texts: fc.integer({ min: -99_999_999, max: 99_999_999 }).map((value) => String(value / 1000)) },
  { pg: "label", texts: fc.constantFrom(...LABELS) },
  { pg: "int4multirange", texts: fc.constantFrom("{[1,3),[5,7)}", "{}") },
  { pg: "money", texts: fc.constantFrom("$1.50", "-$0.01") },
  { pg: "bit(4)", texts: fc.constantFrom("0101", "1111") },
  { pg: "point", texts: fc.constantFrom("(1,2)", "(-0.5,1e10)") },
  { pg: "tsvector", texts: fc.constantFrom("'a':1 'b':2", "") },
  { pg: '"char"', texts: fc.constantFrom("x", "y") },
];

export const TYPES_SQL = `
  create extension if not exists citext;
  create type big_enum as enum (${LABELS.map((label) => `'${label}'`).join(", ")});
  create domain small_int as int4 check (value between 0 and 9);
  create domain title as varchar(40);
  create domain price as numeric(8, 3);
  create domain label as big_enum;
`;
