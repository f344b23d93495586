/** From `orderBy` to order terms. The key of the object ends every order, so that equal requests give equal answers. */
import type { Input } from "../graphql/input.ts";
import { orderDirection } from "../graphql/order-direction.ts";
import { SIBLING_FIELD_SUFFIXES } from "../schema/generated-names.ts";
import type { Lookup } from "../schema/lookup.ts";
import type { ObjectType, ScalarField } from "../schema/model.ts";
import { totalKey } from "../schema/total-key.ts";
import { type FieldMeasure, measureType } from "./measures.ts";
import type { Hop, Measure, OrderTerm, OrderValue, Rows } from "./plan.ts";
import { shapeOf } from "./shape.ts";

/** The order that was asked for, and behind it the key: so that it is total. */
export function orderTerms(lookup: Lookup, object: ObjectType, input: Input | undefined): readonly OrderTerm[] {
  const terms = input?.kind === "list" ? input.items.map((item) => orderTerm(lookup, object, item, [])) : [];
  return [...terms, ...keyTerms(object, terms)];
}

/** The terms of the total key that the order does not hold yet. */
export function keyTerms(object: ObjectType, terms: readonly OrderTerm[] = []): readonly OrderTerm[] {
  const direction = terms.at(-1)?.direction ?? "asc";
  const has = (column: string): boolean =>
    terms.some(
      ({ value }) =>
        value.kind === "value" &&
        value.path.length === 0 &&
        value.value.from === "column" &&
        value.value.column === column,
    );
  return (totalKey(object.keys)?.columns ?? [])
    .filter(({ column }) => !has(column))
    .map(({ column, type }) => ({
      value: { kind: "value", path: [], value: { from: "column", column, type, notNull: true } },
      direction,
      nulls: "last",
      nullable: false,
    }));
}

function orderTerm(lookup: Lookup, object: ObjectType, input: Input, path: readonly Hop[]): OrderTerm {
  const [name, inner] = onlyEntry(input);
  const field = object.fields.find((each) => each.name === name);
  if (field?.kind === "scalar") {
    const nullable = path.length > 0 || !(field.value.from === "column" && field.value.notNull);
    return { value: { kind: "value", path, value: field.value }, ...directionOf(inner), nullable };
  }
  if (field?.kind === "relation" && field.cardinality === "one") {
    const target = lookup.object(field.type);
    return orderTerm(lookup, target, inner, [...path, { object: target, link: field }]);
  }
  const relation = object.fields.find(
    (each) => each.kind === "relation" && each.name + SIBLING_FIELD_SUFFIXES.aggregate === name,
  );
  if (relation?.kind !== "relation") throw new TypeError(`${object.name} has no order by ${name}`);
  const target = lookup.object(relation.type);
  const [measure, direction] = measureTerm(lookup, target, inner);
  const rows: Rows = {
    object: target,
    source: sourceOf(target),
    link: relation,
    order: [],
    strategy: { kind: "correlated", reason: "ordered by a measure of each parent" },
  };
  const value: OrderValue = { kind: "aggregate", path, rows, measure };
  return {
    value,
    ...directionOf(direction),
    // A count is never null, but the row it is counted for may be missing.
    nullable: path.length > 0 || (measure.function !== "count" && measure.function !== "countDistinct"),
  };
}

/** The measure an order names, and the input that holds its direction. */
export function measureTerm(lookup: Lookup, object: ObjectType, input: Input): readonly [Measure, Input] {
  const [name, inner] = onlyEntry(input);
  if (name === "count") return [{ function: "count" }, inner];
  const [fieldName, direction] = onlyEntry(inner);
  return [measureOf(lookup, object, name as FieldMeasure, scalarField(object, fieldName)), direction];
}

/** @throws TypeError for a measure that the field does not have */
export function measureOf(lookup: Lookup, object: ObjectType, name: FieldMeasure, field: ScalarField): Measure {
  const result = measureType(name, field);
  if (!result) throw new TypeError(`${object.name}.${field.name} has no ${name}`);
  return { function: name, value: field.value, shape: shapeOf(lookup, result.type, result.pg, false) };
}

/** @throws TypeError for what is no value of `OrderDirection` */
export function directionOf(input: Input): Pick<OrderTerm, "direction" | "nulls"> {
  if (input.kind !== "leaf") throw new TypeError("a direction is one value");
  const { direction, nulls } = orderDirection(String(input.value));
  return { direction, nulls };
}

/** The one entry of an input object that has to have one. @throws TypeError for another */
export function onlyEntry(input: Input): readonly [string, Input] {
  const entry = input.kind === "object" ? [...input.entries][0] : undefined;
  if (!entry) throw new TypeError("a one-of input has one entry");
  return entry;
}

/** @throws TypeError where the object has no such value */
export function scalarField(object: ObjectType, name: string): ScalarField {
  const field = object.fields.find((each) => each.name === name);
  if (field?.kind !== "scalar") throw new TypeError(`${object.name} has no value ${name}`);
  return field;
}

/** Where the rows of an object are. @throws TypeError for one that is a value inside rows */
export function sourceOf(object: ObjectType): Rows["source"] {
  if (object.source.kind === "value") throw new TypeError(`${object.name} has no rows of its own`);
  return { kind: "relation", relation: object.source.relation };
}

/** Whether at most one row has values equal to given ones in these columns; nulls equal nothing. */
export function isUnique(object: ObjectType, columns: readonly string[]): boolean {
  return object.keys.some((key) => key.columns.every(({ column }) => columns.includes(column)));
}
