/**
 * The one table of scalars. The GraphQL types, the reading of input and the choice of a type for a column are made from
 * its rows: to add a scalar, add a row and, for a new form, a parser beside it.
 *
 * Inside the program the coerced value of a scalar of ours is PostgreSQL's text form of it, always a string; the five
 * scalars of the GraphQL specification coerce to plain JavaScript values as graphql-js does it.
 */
import {
  GraphQLBoolean,
  GraphQLError,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLScalarType,
  GraphQLString,
  print,
  type ValueNode,
  valueFromASTUntyped,
} from "graphql";
import type { PgType } from "./catalog.ts";
import { parseBytes } from "./scalar-parsers/bytes.ts";
import { parseJson, parseJsonLiteral } from "./scalar-parsers/json.ts";
import { parseCidr, parseIp, parseMac } from "./scalar-parsers/network.ts";
import { parseBigInt, parseDecimal } from "./scalar-parsers/numbers.ts";
import {
  parseCountryCode,
  parseCurrencyCode,
  parseEmailAddress,
  parsePhoneNumber,
  parseUrl,
  parseUuid,
} from "./scalar-parsers/text.ts";
import { parseDuration, timeParser } from "./scalar-parsers/times.ts";

export type ScalarRow = {
  readonly name: string;
  readonly description: string;
  /** `pg_type.typname`s whose values are this scalar unless the author says otherwise; the first stands for the scalar. */
  readonly pg: readonly string[];
  /** Takes the JSON value of an input and gives PostgreSQL's text form; throws a `TypeError` that says what was expected. */
  readonly parse: (value: unknown) => string;
  /** Needed where the text of a literal says more than its JavaScript value, such as long numbers. */
  readonly parseLiteral?: (node: ValueNode) => string;
  readonly specifiedBy?: string;
};

/** A literal number as it was written, digit for digit. */
function digitsOr(parse: (value: unknown) => string): (node: ValueNode) => string {
  return (node) =>
    parse(node.kind === "IntValue" || node.kind === "FloatValue" ? node.value : valueFromASTUntyped(node));
}

/** As the specification has it: for graphql-js a literal that is too large for a double, such as 1e999, is infinity. */
export const FLOAT = new GraphQLScalarType<number>({
  ...GraphQLFloat.toConfig(),
  parseLiteral: (node, variables) => {
    const value = GraphQLFloat.parseLiteral(node, variables);
    if (Number.isFinite(value)) return value;
    throw new GraphQLError(`Float cannot represent a number outside of 64 bits: ${print(node)}`, { nodes: node });
  },
});

const BUILT_INS = new Map<string, GraphQLScalarType>(
  [GraphQLInt, FLOAT, GraphQLString, GraphQLBoolean, GraphQLID].map((type) => [type.name, type]),
);

function builtIn<const Name extends string, const Pg extends readonly string[]>(name: Name, pg: Pg) {
  const type = BUILT_INS.get(name) as GraphQLScalarType;
  return { name, description: type.description ?? "", pg, parse: (value: unknown) => String(type.parseValue(value)) };
}

const ROWS = [
  builtIn("Int", ["int4", "int2"]),
  builtIn("Float", ["float8", "float4"]),
  builtIn("String", ["text", "varchar", "bpchar", "citext", "name"]),
  builtIn("Boolean", ["bool"]),
  builtIn("ID", []),
  {
    name: "BigInt",
    description: "A whole number of 64 bits, as a string of digits.",
    pg: ["int8"],
    parse: parseBigInt,
    parseLiteral: digitsOr(parseBigInt),
  },
  {
    name: "Decimal",
    description: "A decimal number of any length, as a string; no digit is lost.",
    pg: ["numeric"],
    parse: parseDecimal,
    parseLiteral: digitsOr(parseDecimal),
  },
  {
    name: "UUID",
    description: "A UUID, 8-4-4-4-12 hexadecimal digits.",
    pg: ["uuid"],
    parse: parseUuid,
    specifiedBy: "https://www.rfc-editor.org/rfc/rfc9562",
  },
  {
    name: "DateTime",
    description: "An instant, RFC 3339 with offset; answers are in UTC. `infinity` and `-infinity` stand for no bound.",
    pg: ["timestamptz"],
    parse: timeParser("dateTime"),
    specifiedBy: "https://www.rfc-editor.org/rfc/rfc3339",
  },
  {
    name: "LocalDateTime",
    description: "A date and a time of day without offset: 2026-03-01T12:30:00.",
    pg: ["timestamp"],
    parse: timeParser("localDateTime"),
  },
  { name: "Date", description: "A calendar date: 2026-03-01.", pg: ["date"], parse: timeParser("date") },
  { name: "Time", description: "A time of day: 12:30:00.", pg: ["time"], parse: timeParser("time") },
  {
    name: "TimeWithZone",
    description: "A time of day with offset: 12:30:00+02:00.",
    pg: ["timetz"],
    parse: timeParser("timeWithZone"),
  },
  {
    name: "Duration",
    description: "A duration, ISO 8601 with a sign per part: P1Y2M3DT4H5M6.5S.",
    pg: ["interval"],
    parse: parseDuration,
  },
  {
    name: "JSON",
    description: "Any JSON value.",
    pg: ["jsonb", "json"],
    parse: parseJson,
    parseLiteral: parseJsonLiteral,
    specifiedBy: "https://www.rfc-editor.org/rfc/rfc8259",
  },
  {
    name: "Bytes",
    description: "Bytes, in base64 with padding.",
    pg: ["bytea"],
    parse: parseBytes,
    specifiedBy: "https://www.rfc-editor.org/rfc/rfc4648#section-4",
  },
  {
    name: "IP",
    description: "An address of IPv4 or IPv6, with the length of its network if it has one.",
    pg: ["inet"],
    parse: parseIp,
  },
  { name: "CIDR", description: "A network of IPv4 or IPv6: 192.0.2.0/24.", pg: ["cidr"], parse: parseCidr },
  { name: "MAC", description: "A MAC address: 08:00:2b:01:02:03.", pg: ["macaddr", "macaddr8"], parse: parseMac },
  { name: "EmailAddress", description: "An e-mail address.", pg: [], parse: parseEmailAddress },
  {
    name: "URL",
    description: "An absolute URL.",
    pg: [],
    parse: parseUrl,
    specifiedBy: "https://www.rfc-editor.org/rfc/rfc3986",
  },
  { name: "PhoneNumber", description: "A phone number in E.164 form: +4930901820.", pg: [], parse: parsePhoneNumber },
  { name: "CountryCode", description: "A country, ISO 3166-1 alpha-2: DE.", pg: [], parse: parseCountryCode },
  { name: "CurrencyCode", description: "A currency, ISO 4217: EUR.", pg: [], parse: parseCurrencyCode },
] as const satisfies readonly ScalarRow[];

export const SCALARS: readonly ScalarRow[] = ROWS;

export type ScalarName = (typeof ROWS)[number]["name"];

/** The scalar a base type is read as, in types: `ScalarOfPg<"int4">` is `"Int"`. Every other type is shown as text. */
export type ScalarOfPg<Typname extends string> = [NamesWith<(typeof ROWS)[number], Typname>] extends [never]
  ? "String"
  : NamesWith<(typeof ROWS)[number], Typname>;
type NamesWith<Row, Typname> = Row extends { readonly name: infer Name; readonly pg: readonly (infer Pg)[] }
  ? Typname extends Pg
    ? Name
    : never
  : never;

const BY_NAME: ReadonlyMap<string, ScalarRow> = new Map(SCALARS.map((row) => [row.name, row]));
const BY_PG: ReadonlyMap<string, ScalarRow> = new Map(
  SCALARS.flatMap((row) => row.pg.map((name) => [name, row] as const)),
);

/** Whether there is a scalar of that name. */
export function isScalar(name: string): name is ScalarName {
  return BY_NAME.has(name);
}

/** The scalar a base type of PostgreSQL (`pg_type.typname`) is read as; `undefined` where no row names it. */
export function scalarOfPgType(typname: string): ScalarName | undefined {
  return BY_PG.get(typname)?.name as ScalarName | undefined;
}

/** The type an SQL expression or a document's value of this scalar has when nothing else is said; scalars over text give `text`. */
export function pgTypeOfScalar(name: ScalarName): PgType {
  return { kind: "base", name: BY_NAME.get(name)?.pg[0] ?? "text" };
}

/**
 * The GraphQL type of a scalar. A new one each time, but for the five of the specification, which graphql-js compares by
 * identity: a schema makes each of its types once.
 *
 * @throws TypeError when there is no scalar of that name.
 */
export function scalarType(name: string): GraphQLScalarType {
  const known = BUILT_INS.get(name);
  if (known) return known;
  const row = BY_NAME.get(name);
  if (!row) throw new TypeError(`there is no scalar ${name}`);
  const { parse, parseLiteral } = row;
  return new GraphQLScalarType<string, unknown>({
    name,
    description: row.description,
    specifiedByURL: row.specifiedBy ?? null,
    serialize: (value) => value,
    parseValue: parse,
    parseLiteral: parseLiteral ?? ((node) => parse(valueFromASTUntyped(node))),
  });
}
