/** Parts that are values of the database: JSON objects, composites, ranges, and rows of tables that functions return. */

import type { Catalog, PgType } from "../catalog.ts";
import { withoutDomains } from "../pg-types.ts";
import { type Facts, signatureOf } from "./facts.ts";
import { nameIn } from "./inferred-types.ts";
import { DOCUMENTATION_KEYS, type Documentation, documented, type FieldParts, type ObjectPart } from "./parts.ts";
import { callSite, checkKeys, lookUp, refuse } from "./problem.ts";
import {
  type CompositeFields,
  compositeFields,
  type JsonFields,
  jsonFields,
  type RangeFields,
  rangeFields,
} from "./value-fields.ts";

/** An object that is the shape of a JSON value. */
export function jsonPart(name: string, options: Documentation, fields: (d: JsonFields) => FieldParts): ObjectPart {
  checkKeys(options, DOCUMENTATION_KEYS, name);
  return valueObject(name, documented(options), { kind: "json" }, fields(jsonFields(name)));
}

function valueObject(
  name: string,
  said: ReturnType<typeof documented>,
  source: ObjectPart["source"],
  fields: FieldParts,
): ObjectPart {
  return {
    part: "object",
    name,
    origin: name,
    stack: callSite(),
    ...said,
    source,
    fields,
    keys: [],
    interfaces: [],
    queries: [],
    settable: [],
    mutations: undefined,
  };
}

type FromOptions = Documentation & { readonly from: string };

/** An object that is a composite type of PostgreSQL, with the attributes that `fields` names. */
export function compositePart(
  facts: Facts,
  name: string,
  options: FromOptions,
  fields: (f: CompositeFields<never>) => FieldParts,
): ObjectPart {
  checkKeys(options, ["from", ...DOCUMENTATION_KEYS], name);
  const composite = lookUp(facts.composites, options.from, "the catalog", "composite type");
  const pg = { schema: composite.schema, name: composite.name };
  return valueObject(
    name,
    documented(options, composite.comment),
    { kind: "composite", pg },
    fields(compositeFields(composite, options.from)),
  );
}

/** An object that is a row of a `returns table` function. @throws FraiseqlError SCHEMA_INVALID where several could be meant */
export function returnedPart(
  facts: Facts,
  name: string,
  options: FromOptions & { readonly signature?: readonly string[] },
  fields: (f: CompositeFields<never>) => FieldParts,
): ObjectPart {
  checkKeys(options, ["from", "signature", ...DOCUMENTATION_KEYS], name);
  const { from, signature } = options;
  const candidates = lookUp(facts.functions, from, "the catalog", "function")
    .filter(({ returns }) => returns.kind === "table")
    .filter((each) => signature === undefined || signature.join() === signatureOf(each).join());
  const [found, ...others] = candidates;
  if (found?.returns.kind !== "table") return refuse(`function ${from} does not return a table of its own`);
  if (others.length > 0) {
    const forms = candidates.map((each) => JSON.stringify(signatureOf(each))).join(" or ");
    refuse(`several functions ${from} return a table; say which with \`signature\`: ${forms}`);
  }
  const pg = { schema: found.schema, name: found.name };
  const attributes = compositeFields<never>({ ...pg, attributes: found.returns.columns }, from);
  const source = { kind: "returned", pg, signature: signatureOf(found) } as const;
  return valueObject(name, documented(options), source, fields(attributes));
}

/** An object that is a range, with the parts of it that `fields` names. */
export function rangePart(
  facts: Facts,
  name: string,
  options: FromOptions,
  fields: (r: RangeFields) => FieldParts,
): ObjectPart {
  checkKeys(options, ["from", ...DOCUMENTATION_KEYS], name);
  const ranges = rangesOf(facts.catalog);
  const range = lookUp(ranges, options.from, "the catalog", "range type");
  return valueObject(
    name,
    documented(options),
    { kind: "range", pg: { schema: range.schema, name: range.name } },
    fields(rangeFields(range.subtype)),
  );
}

type Range = Extract<PgType, { kind: "range" }>;

/** The range types that columns, attributes and functions of the catalog have. */
function rangesOf(catalog: Catalog): ReadonlyMap<string, Range> {
  const types = [
    ...catalog.relations.flatMap((relation) => relation.columns.map((column) => column.type)),
    ...catalog.composites.flatMap((composite) => composite.attributes.map((column) => column.type)),
    ...catalog.functions.flatMap(({ returns }) => {
      if (returns.kind === "value") return [returns.type];
      return returns.kind === "table" ? returns.columns.map((column) => column.type) : [];
    }),
  ];
  const inner = types.map(withoutDomains).map((type) => (type.kind === "array" ? withoutDomains(type.element) : type));
  return new Map(inner.filter((type): type is Range => type.kind === "range").map((type) => [nameIn(type), type]));
}
