import type { ScalarName } from "../scalars.ts";
import type { Facts } from "./facts.ts";
import { nameIn } from "./inferred-types.ts";
import { leafType } from "./leaf-types.ts";
import {
  DOCUMENTATION_KEYS,
  type Documentation,
  documented,
  type EnumPart,
  FIELD_KEYS,
  fieldSays,
  type InputPart,
  type InterfacePart,
  type ObjectPart,
  type PlainField,
  type PlainFields,
  type QueryOptions,
  type RootQueryDraft,
  type UnionPart,
} from "./parts.ts";
import { callSite, checkKeys, lookUp, refuse } from "./problem.ts";

export type EnumValues<Label extends string> = Readonly<
  Record<string, Label | (Documentation & { readonly label: Label })>
>;

/** Every label of a PostgreSQL enum needs a name; rows with a label that has none could not be answered. */
export function enumPart(
  facts: Facts,
  name: string,
  options: Documentation & { readonly from?: string; readonly values: EnumValues<string> },
): EnumPart {
  checkKeys(options, ["from", "values", ...DOCUMENTATION_KEYS], name);
  const pg = options.from === undefined ? undefined : lookUp(facts.enums, options.from, "the catalog", "enum");
  const values = Object.entries(options.values).map(([value, said]) => {
    const long = typeof said === "string" ? { label: said } : said;
    checkKeys(long, ["label", ...DOCUMENTATION_KEYS], `${name}.${value}`);
    return { name: value, label: long.label, ...documented(long) };
  });
  if (pg) {
    for (const { label } of values) lookUp(new Map(pg.labels.map((each) => [each, each])), label, nameIn(pg), "label");
    const missing = pg.labels.filter((label) => !values.some((value) => value.label === label));
    if (missing.length > 0)
      refuse(`${name} has no value for ${missing.map((label) => JSON.stringify(label)).join(", ")} of ${nameIn(pg)}`);
  }
  return {
    part: "enum",
    name,
    origin: name,
    stack: callSite(),
    ...documented(options, pg?.comment),
    ...(pg ? { pg: { schema: pg.schema, name: pg.name } } : {}),
    values,
  };
}

/** Fields of interfaces and inputs, which have no source of their own. */
export type PlainFieldMaker = {
  field<
    const Type extends ScalarName | EnumPart,
    const List extends boolean = false,
    const Nullable extends boolean = true,
  >(
    type: Type,
    options?: Documentation & { readonly list?: List; readonly nullable?: Nullable },
  ): PlainField<Type extends EnumPart<infer Name> ? Name : Type & string, List, Nullable>;
};

const plainFields = {
  field(
    type: ScalarName | EnumPart,
    options: Documentation & { readonly list?: boolean; readonly nullable?: boolean } = {},
  ) {
    checkKeys(options, ["list", "nullable", ...DOCUMENTATION_KEYS], "a field");
    const name = typeof type === "string" ? type : type.name;
    leafType(type);
    return { type: name, list: options.list ?? false, nullable: options.nullable ?? true, ...documented(options) };
  },
} as PlainFieldMaker;

type AbstractOptions = Documentation & {
  /** The root field that lists the rows of all members. */
  readonly list?: string | QueryOptions;
};

function polymorphic(options: AbstractOptions): RootQueryDraft[] {
  if (options.list === undefined) return [];
  const said = typeof options.list === "string" ? { name: options.list } : options.list;
  checkKeys(said, ["name", ...FIELD_KEYS], "list");
  return [{ kind: "polymorphic", name: said.name, ...fieldSays(said) }];
}

/** `interface` of the builder: its fields are checked against those of its members once all parts are there. */
export function interfacePart(
  name: string,
  options: AbstractOptions,
  fields: (i: PlainFieldMaker) => PlainFields,
): InterfacePart {
  checkKeys(options, ["list", ...DOCUMENTATION_KEYS], name);
  const common = { name, origin: name, stack: callSite(), ...documented(options) };
  return { part: "interface", ...common, fields: fields(plainFields), queries: polymorphic(options) };
}

/** `input` of the builder. @throws FraiseqlError SCHEMA_INVALID for an option there is none of */
export function inputPart(
  name: string,
  options: Documentation,
  fields: (i: PlainFieldMaker) => PlainFields,
): InputPart {
  checkKeys(options, DOCUMENTATION_KEYS, name);
  return { part: "input", name, origin: name, stack: callSite(), ...documented(options), fields: fields(plainFields) };
}

/** `union` of the builder, of types that are tables or views. */
export function unionPart(name: string, members: readonly ObjectPart[], options: AbstractOptions): UnionPart {
  checkKeys(options, ["list", ...DOCUMENTATION_KEYS], name);
  const common = { name, origin: name, stack: callSite(), ...documented(options) };
  return { part: "union", ...common, members: members.map((member) => member.origin), queries: polymorphic(options) };
}
