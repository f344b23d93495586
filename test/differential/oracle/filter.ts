/** `where` and `having` evaluated value by value, with three-valued logic. */
import { FraiseqlError } from "../../../src/core/errors.ts";
import type { PgType } from "../../../src/core/schema/catalog.ts";
import type { ObjectType, RelationField, ScalarField } from "../../../src/core/schema/model.ts";
import { type Held, type Store, typeSql, VALUE } from "./store.ts";
import { arrayItems, baseName, baseType, type Text } from "./text-forms.ts";

export type Truth = boolean | null;
export type Predicate<T> = (subject: T) => Truth;
export type InputObject = Readonly<Record<string, unknown>>;

const not = (value: Truth): Truth => (value === null ? null : !value);

export function all<T>(terms: readonly Predicate<T>[]): Predicate<T> {
  return (subject) => {
    const values = terms.map((term) => term(subject));
    return values.includes(false) ? false : values.includes(null) ? null : true;
  };
}

export function any<T>(terms: readonly Predicate<T>[]): Predicate<T> {
  return (subject) => {
    const values = terms.map((term) => term(subject));
    return values.includes(true) ? true : values.includes(null) ? null : false;
  };
}

/** `and`, `or`, `not` around anything; `leaf` reads every other entry. */
export async function logic<T>(
  input: unknown,
  leaf: (name: string, value: unknown) => Promise<Predicate<T>>,
): Promise<Predicate<T>> {
  const terms = Object.entries(present(input)).map(async ([name, value]): Promise<Predicate<T>> => {
    if (name === "not") {
      const inner = await logic(value, leaf);
      return (subject) => not(inner(subject));
    }
    if (name !== "and" && name !== "or") return leaf(name, value);
    const items = await Promise.all(list(value).map((item) => logic(item, leaf)));
    return name === "and" ? all(items) : any(items);
  });
  return all(await Promise.all(terms));
}

export function present(input: unknown): InputObject {
  if (input === null || input === undefined) throw new FraiseqlError("NULL_FILTER", "a filter is null");
  return input as InputObject;
}

function list(input: unknown): readonly unknown[] {
  if (input === null) throw new FraiseqlError("NULL_FILTER", "a filter is null");
  return input as readonly unknown[];
}

export function wherePredicate(store: Store, object: ObjectType, where: unknown): Promise<Predicate<Held>> {
  return logic<Held>(where, async (name, value) => {
    const field = object.fields.find((each) => each.name === name);
    if (field?.kind === "scalar") return scalarPredicate(store, object, field, value);
    if (field?.kind === "relation") return relationPredicate(store, field, value);
    throw new Error(`${object.name} has no filter ${name}`);
  });
}

async function relationPredicate(store: Store, field: RelationField, input: unknown): Promise<Predicate<Held>> {
  const target = store.object(field.type);
  if (field.cardinality === "one") {
    const inner = await wherePredicate(store, target, input);
    return (held) => store.related(held, field).some((each) => inner(each) === true);
  }
  const terms = Object.entries(present(input)).map(async ([quantifier, where]): Promise<Predicate<Held>> => {
    const inner = await wherePredicate(store, target, where);
    return (held) => {
      const rows = store.related(held, field);
      if (quantifier === "every") return rows.every((each) => inner(each) === true);
      return rows.some((each) => inner(each) === true) === (quantifier === "some");
    };
  });
  return all(await Promise.all(terms));
}

async function scalarPredicate(
  store: Store,
  object: ObjectType,
  field: ScalarField,
  input: unknown,
): Promise<Predicate<Held>> {
  const subject = { object, value: field.value };
  const terms = Object.entries(present(input)).map(async ([operator, operand]): Promise<Predicate<Held>> => {
    if (operator === "length" && baseType(field.value.type).kind === "array") {
      const texts = store.rows(object).map((held) => lengthOf(store.textOf(held, field.value)));
      const inner = await comparison({ kind: "base", name: "int4" }, operand, (test, operands) =>
        store.truthOf({ kind: "base", name: "int4" }, texts, test, operands),
      );
      return (held) => inner(lengthOf(store.textOf(held, field.value)));
    }
    const inner = await comparison(field.value.type, { [operator]: operand }, (test, operands) =>
      store.truth(subject, test, operands),
    );
    return (held) => inner(store.textOf(held, field.value));
  });
  return all(await Promise.all(terms));
}

const lengthOf = (text: Text): Text => (text === null ? null : String(arrayItems(text).length));

type Ask = (test: string, operands: readonly string[]) => Promise<(text: Text) => Truth>;

/** All operators of one filter input; `ask` puts one comparison to the database. */
export async function comparison(type: PgType, input: unknown, ask: Ask): Promise<Predicate<Text>> {
  const terms = Object.entries(present(input)).map(async ([operator, operand]): Promise<Predicate<Text>> => {
    if (operand === null) throw new FraiseqlError("NULL_FILTER", `${operator} is null`);
    if (operator === "isNull") return (text) => (text === null) === operand;
    if (operator === "in" || operator === "notIn") {
      const items = await Promise.all(
        (operand as unknown[]).map((item) => ask(`${VALUE} = ${cast("$1", type)}`, [operandText(item)])),
      );
      // An empty list is decided without looking at the value, null or not.
      return (text) => (operator === "in" ? any(items)(text) : not(any(items)(text)));
    }
    const values = Array.isArray(operand) ? operand.map(operandText) : [operandText(operand)];
    return ask(testOf(operator, type, values.length), values);
  });
  return all(await Promise.all(terms));
}

const operandText = (value: unknown): string => String(value);

/** Whole numbers are compared as int8, so that no operand is out of range. */
function cast(parameter: string, type: PgType): string {
  return ["int2", "int4"].includes(baseName(type)) ? `${parameter}::int8` : `${parameter}::${typeSql(type)}`;
}

const COMPARISONS: Readonly<Record<string, string>> = { eq: "=", neq: "<>", gt: ">", gte: ">=", lt: "<", lte: "<=" };
const PATTERNS: Readonly<Record<string, string>> = {
  like: "like",
  notLike: "not like",
  ilike: "ilike",
  notIlike: "not ilike",
  regex: "~",
  iregex: "~*",
};

function testOf(operator: string, type: PgType, count: number): string {
  const base = baseType(type);
  const numbered = Array.from({ length: count }, (_, index) => `$${index + 1}`);
  const compare = COMPARISONS[operator];
  if (compare) return `${VALUE} ${compare} ${cast("$1", type)}`;
  if (base.kind === "array") {
    const sign = operator === "contains" ? "@>" : operator === "containedBy" ? "<@" : "&&";
    return `${VALUE} ${sign} array[${numbered.map((each) => `${each}::text`).join(", ")}]::text[]::${typeSql(base)}`;
  }
  if (baseName(type) === "jsonb") {
    switch (operator) {
      case "contains":
        return `${VALUE} @> $1::jsonb`;
      case "containedBy":
        return `${VALUE} <@ $1::jsonb`;
      case "hasKey":
        return `jsonb_exists(${VALUE}, $1::text)`;
      case "hasAllKeys":
        return count === 0 ? "true" : numbered.map((each) => `jsonb_exists(${VALUE}, ${each}::text)`).join(" and ");
      case "hasAnyKey":
        return count === 0 ? "false" : numbered.map((each) => `jsonb_exists(${VALUE}, ${each}::text)`).join(" or ");
      case "pathExists":
        return `jsonb_path_exists_opr(${VALUE}, $1::jsonpath)`;
      case "pathMatches":
        return `jsonb_path_match_opr(${VALUE}, $1::jsonpath)`;
    }
  }
  // citext ignores case in every comparison.
  const ignoring = baseName(type) === "citext" || operator.startsWith("i");
  const text = ignoring ? `lower(${VALUE}::text)` : `${VALUE}::text`;
  const given = ignoring ? "lower($1::text)" : "$1::text";
  const pattern = PATTERNS[operator];
  if (pattern)
    return baseName(type) === "citext" ? `${text} ${pattern} ${given}` : `${VALUE}::text ${pattern} $1::text`;
  switch (operator) {
    case "startsWith":
    case "istartsWith":
      return `starts_with(${text}, ${given})`;
    case "endsWith":
    case "iendsWith":
      return `right(${text}, length(${given})) = ${given}`;
    case "contains":
    case "icontains":
      return `strpos(${text}, ${given}) > 0`;
    default:
      throw new Error(`the oracle knows no operator ${operator}`);
  }
}
