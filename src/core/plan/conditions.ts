/** From `where` to a condition. Absent is no filter; null is refused with a hint, because SQL would answer nothing. */
import { FraiseqlError } from "../errors.ts";
import type { Bind, Input } from "../graphql/input.ts";
import type { PgType } from "../schema/catalog.ts";
import type { Lookup } from "../schema/lookup.ts";
import type { ObjectType, ScalarField } from "../schema/model.ts";
import { withoutDomains } from "../schema/pg-types.ts";
import { OPERATORS, type Operator, operatorsOf } from "./operators.ts";
import type { Condition } from "./plan.ts";

type Entries = ReadonlyMap<string, Input>;

/** Reads one comparison: what is compared is decided by the caller. */
export type Comparison<T> = {
  readonly compare: (operator: Operator, operand: Bind) => T;
  readonly isNull: (negated: boolean) => T;
};

/** The condition a `where` input stands for; undefined where it filters nothing. */
export function whereCondition(
  lookup: Lookup,
  object: ObjectType,
  input: Input,
  path = "where",
): Condition | undefined {
  return allOf(entriesOf(input, path), (name, value) => {
    const here = `${path}.${name}`;
    if (name === "and" || name === "or") {
      const terms = itemsOf(value, here).map(
        (item, index) => whereCondition(lookup, object, item, `${here}[${index}]`) ?? TRUE,
      );
      return { kind: name, terms };
    }
    if (name === "not") return { kind: "not", term: whereCondition(lookup, object, value, here) ?? TRUE };
    const field = object.fields.find((each) => each.name === name);
    if (field?.kind === "scalar") return scalarCondition(field, value, here);
    if (field?.kind !== "relation") throw new TypeError(`${here} is no filter`);
    const target = lookup.object(field.type);
    if (field.cardinality === "one") {
      const where = whereCondition(lookup, target, value, here);
      return { kind: "related", quantifier: "some", hop: { object: target, link: field }, ...(where && { where }) };
    }
    return allOf(entriesOf(value, here), (quantifier, inner) => {
      const where = whereCondition(lookup, target, inner, `${here}.${quantifier}`);
      return {
        kind: "related",
        quantifier: quantifier as "some" | "none" | "every",
        hop: { object: target, link: field },
        ...(where && { where }),
      };
    });
  });
}

function scalarCondition(field: ScalarField, input: Input, path: string): Condition | undefined {
  const { value, list } = field;
  return allOf(entriesOf(input, path), (name, operand) => {
    if (name === "length" && withoutDomains(value.type).kind === "array") {
      return comparison<Condition>(INT4, entriesOf(operand, `${path}.length`), `${path}.length`, {
        compare: (operator, operand) => ({ kind: "compare", value, list, operator, operand, length: true }),
        isNull: (negated) => ({ kind: "isNull", value, negated }),
      });
    }
    return comparison<Condition>(value.type, new Map([[name, operand]]), path, {
      compare: (operator, operand) => ({ kind: "compare", value, list, operator, operand, length: false }),
      isNull: (negated) => ({ kind: "isNull", value, negated }),
    });
  });
}

const INT4: PgType = { kind: "base", name: "int4" };
const TRUE: Condition = { kind: "and", terms: [] };

/** Every operator of one filter input, together. */
export function comparison<T extends { kind: string }>(
  type: PgType,
  entries: Entries,
  path: string,
  make: Comparison<T>,
): T | undefined {
  return allOf(entries, (name, operand) => {
    const here = `${path}.${name}`;
    if (operand.kind === "null") throw nullFilter(here);
    if (name === "isNull") {
      if (operand.kind !== "leaf") throw new TypeError(`${here} is no Boolean`);
      return make.isNull(operand.value === false);
    }
    const operator =
      operatorsOf(type).find((each) => each.name === name) ?? OPERATORS.find((each) => each.name === name);
    if (!operator) throw new TypeError(`${here} is no operator`);
    if (operator.family === "equality" && operand.kind === "list" && operand.items.length === 0) {
      return ofNothing<T>(operator);
    }
    return make.compare(operator, operand.bind);
  });
}

/** Compared with an empty list: `in` holds for no row and `notIn` for every one, null or not. */
function ofNothing<T extends { kind: string }>({ name }: Operator): T {
  return { kind: name === "in" ? "or" : "and", terms: [] } as unknown as T;
}

function allOf<T extends { kind: string }>(
  entries: Entries,
  read: (name: string, input: Input) => T | undefined,
): T | undefined {
  const terms = [...entries].flatMap(([name, input]) => read(name, input) ?? []);
  return terms.length > 1 ? ({ kind: "and", terms } as unknown as T) : terms[0];
}

/** The fields of a filter; null is refused. */
export function entriesOf(input: Input, path: string): Entries {
  if (input.kind === "null") throw nullFilter(path);
  if (input.kind !== "object") throw new TypeError(`${path} is no input object`);
  return input.entries;
}

/** The items of a list of filters; null is refused. */
export function itemsOf(input: Input, path: string): readonly Input[] {
  if (input.kind === "null") throw nullFilter(path);
  return input.kind === "list" ? input.items : [input];
}

function nullFilter(path: string): FraiseqlError {
  return new FraiseqlError(
    "NULL_FILTER",
    `${path} is null. Leave the filter out to match every row, or write { isNull: true } to find rows without a value.`,
  );
}
