/** `where`, `orderBy`, `groupBy` and `having` of an object. */
import { type GraphQLInputObjectType, getNamedType } from "graphql";
import type { ObjectType, RelationField, ScalarField } from "../../../src/core/schema/model.ts";
import { baseName, baseType } from "../oracle/text-forms.ts";
import { type Draft, given } from "./draft.ts";
import { enumName, type Given } from "./input-text.ts";
import { filterOf, inputFields } from "./values.ts";

const inputType = (draft: Draft, name: string): GraphQLInputObjectType =>
  draft.schema.getType(name) as GraphQLInputObjectType;

export function whereOf(draft: Draft, object: ObjectType, depth = 0): Given {
  const { choices } = draft;
  const fields = inputType(draft, `${object.name}Where`).getFields();
  const entries: Record<string, Given> = {};
  const count = choices.chance(25) ? 2 : 1;
  for (let index = 0; index < count; index += 1) {
    const inner = (): Given => whereOf(draft, object, depth + 1);
    if (depth < 3 && choices.chance(20)) {
      const name = choices.one(["and", "or", "not"]);
      entries[name] = name === "not" ? inner() : Array.from({ length: choices.below(3) }, inner);
      continue;
    }
    const field = choices.one(
      object.fields.filter((each) => fields[each.name] && (depth < 2 || each.kind === "scalar")),
    );
    const filter = getNamedType(fields[field.name]?.type) as GraphQLInputObjectType;
    if (field.kind === "scalar") entries[field.name] = choices.chance(3) ? {} : filterOf(draft, object, field, filter);
    if (field.kind === "relation") entries[field.name] = relationWhere(draft, field, depth);
  }
  return entries;
}

function relationWhere(draft: Draft, field: RelationField, depth: number): Given {
  const { choices, store } = draft;
  const target = store.object(field.type);
  const inner = (): Given => (choices.chance(15) ? {} : whereOf(draft, target, depth + 1));
  if (field.cardinality === "one") return inner();
  const entries: Record<string, Given> = { [choices.one(["some", "none", "every"])]: inner() };
  if (choices.chance(10)) entries["some"] = inner();
  return entries;
}

export const DIRECTIONS = ["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_FIRST"];

/** Sums of floats depend on the order of the rows, so nothing is ordered or chosen by them. */
const isInexact = (field: ScalarField | undefined, measure: string): boolean =>
  (measure === "sum" || measure === "avg") && field !== undefined && baseName(field.value.type).startsWith("float");

const direction = (draft: Draft): Given =>
  given(draft, "OrderDirection!", () => enumName(draft.choices.one(DIRECTIONS)));

export function orderOf(draft: Draft, object: ObjectType): Given | undefined {
  if (!draft.schema.getType(`${object.name}OrderBy`)) return undefined;
  const terms = (): Given => Array.from({ length: 1 + draft.choices.below(3) }, () => orderTerm(draft, object, 0));
  return given(draft, `[${object.name}OrderBy!]`, terms);
}

function orderTerm(draft: Draft, object: ObjectType, depth: number): Given {
  const { choices, store } = draft;
  const fields = inputFields(inputType(draft, `${object.name}OrderBy`));
  const isScalar = (name: string): boolean =>
    object.fields.some((each) => each.name === name && each.kind === "scalar");
  const scalars = fields.filter(({ name }) => isScalar(name));
  const field = choices.one(depth < 2 || scalars.length === 0 ? fields : scalars);
  const relation = object.fields.find(
    (each) => each.kind === "relation" && (each.name === field.name || `${each.name}Aggregate` === field.name),
  );
  if (!relation || isScalar(field.name)) return { [field.name]: direction(draft) };
  const target = store.object(relation.type);
  if (relation.name === field.name) return { [field.name]: orderTerm(draft, target, depth + 1) };
  return { [field.name]: measureTerm(draft, target, `${target.name}AggregateOrderBy`) };
}

function measureTerm(draft: Draft, object: ObjectType, typeName: string): Given {
  const { choices } = draft;
  const measures = inputFields(inputType(draft, typeName)).filter(({ name }) => name !== "key");
  const measure = choices.one(measures);
  const usable = inputFields(measure.type).filter(({ name }) => !isInexact(scalarOf(object, name), measure.name));
  if (measure.name === "count" || usable.length === 0) return { count: direction(draft) };
  return { [measure.name]: { [choices.one(usable).name]: direction(draft) } };
}

const scalarOf = (object: ObjectType, name: string): ScalarField | undefined => {
  const field = object.fields.find((each) => each.name === name);
  return field?.kind === "scalar" ? field : undefined;
};

export type GroupChoice = { readonly groupBy: Given; readonly keys: readonly (readonly string[])[] };

/** What to group by, and the paths of the keys that can then be selected. */
export function groupByOf(draft: Draft, object: ObjectType, depth = 0): GroupChoice {
  const { choices, store } = draft;
  const entries: Record<string, Given> = {};
  const keys: string[][] = [];
  const fields = inputFields(inputType(draft, `${object.name}GroupBy`)).filter(({ name }) => {
    const scalar = scalarOf(object, name);
    // Of equal texts in different case any one may stand for the group.
    return scalar ? baseName(scalar.value.type) !== "citext" : depth < 1;
  });
  const count = choices.chance(30) ? 2 : 1;
  for (let index = 0; index < count; index += 1) {
    const field = choices.one(fields);
    if (Object.hasOwn(entries, field.name)) continue;
    const relation = object.fields.find((each) => each.kind === "relation" && each.name === field.name);
    if (relation) {
      const inner = groupByOf(draft, store.object(relation.type), depth + 1);
      entries[field.name] = inner.groupBy;
      keys.push(...inner.keys.map((path) => [field.name, ...path]));
      continue;
    }
    const isBucket = String(field.type) === "TimeBucket";
    const buckets = ["DAY", "EXACT", "SECOND", "MINUTE", "HOUR", "WEEK", "MONTH", "QUARTER", "YEAR"];
    entries[field.name] = isBucket ? given(draft, "TimeBucket!", () => enumName(choices.one(buckets))) : true;
    keys.push([field.name]);
  }
  return { groupBy: entries, keys };
}

export function groupOrderOf(draft: Draft, object: ObjectType, keys: GroupChoice["keys"]): Given {
  const { choices } = draft;
  return Array.from({ length: 1 + choices.below(2) }, () => {
    if (!choices.chance(50)) return measureTerm(draft, object, `${object.name}GroupOrderBy`);
    const path = choices.one(keys);
    return { key: path.reduceRight<Given>((inner, name) => ({ [name]: inner }), direction(draft)) };
  });
}

export function havingOf(draft: Draft, object: ObjectType, depth = 0): Given {
  const { choices } = draft;
  if (depth < 2 && choices.chance(25)) {
    const inner = (): Given => havingOf(draft, object, depth + 1);
    const name = choices.one(["and", "or", "not"]);
    return { [name]: name === "not" ? inner() : Array.from({ length: choices.below(3) }, inner) };
  }
  const compare = (): string => choices.one(["gt", "eq", "lte", "neq"]);
  const measures = inputFields(inputType(draft, `${object.name}Having`)).filter(
    ({ name }) => !["and", "or", "not", "count"].includes(name),
  );
  if (measures.length === 0 || choices.chance(50))
    return { count: { [compare()]: given(draft, "Int", () => choices.below(6)) } };
  const measure = choices.one(measures);
  const fields = inputFields(measure.type).filter(({ name }) => !isInexact(scalarOf(object, name), measure.name));
  const field = fields.length > 0 ? choices.one(fields) : undefined;
  const scalar = field && scalarOf(object, field.name);
  if (!field || !scalar) return { count: { gt: 1 } };
  const filter = getNamedType(field.type) as GraphQLInputObjectType;
  if (measure.name === "min" || measure.name === "max")
    return { [measure.name]: { [field.name]: filterOf(draft, object, scalar, filter) } };
  const isNumber =
    ["IntFilter", "BigIntFilter", "DecimalFilter"].includes(filter.name) && baseType(scalar.value.type).kind === "base";
  if (!isNumber) return { [measure.name]: { [field.name]: { isNull: choices.chance(50) } } };
  const type = filter.name.replace("Filter", "");
  const number = (): Given => (type === "Int" ? choices.below(50) : String(choices.below(500)));
  return { [measure.name]: { [field.name]: { [compare()]: given(draft, type, number) } } };
}
