/** Aggregates and groups. */
import { type GraphQLObjectType, getNamedType } from "graphql";
import type { Input } from "../graphql/input.ts";
import { meaningOf, type RowsMeaning } from "../graphql/meaning.ts";
import { collectFields } from "../graphql/selection.ts";
import type { PgType } from "../schema/catalog.ts";
import type { ObjectType, ScalarField } from "../schema/model.ts";
import { comparison, entriesOf, itemsOf } from "./conditions.ts";
import { badInput, type PlanContext, type Selected } from "./context.ts";
import { type FieldMeasure, TIME_BUCKETS } from "./measures.ts";
import { directionOf, measureOf, measureTerm, onlyEntry, scalarField } from "./order.ts";
import type {
  AggregateNode,
  GroupKey,
  GroupOrder,
  GroupsNode,
  Having,
  Hop,
  Measure,
  MeasureOutput,
  TimeBucket,
} from "./plan.ts";
import { filteredRows, pageOf } from "./rows.ts";
import { shapeOf } from "./shape.ts";
import { ROOT, strategyOf } from "./strategy.ts";

/** One row of measures over all rows that `where` leaves. */
export function planAggregate(selected: Selected, subject: RowsMeaning): AggregateNode {
  const { context, field, nodes, coordinate } = selected;
  const { rows } = filteredRows(selected, subject);
  return {
    kind: "aggregate",
    coordinate,
    rows: { ...rows, strategy: strategyOf(ROOT, rows) },
    output: measureOutput(context, subject.object, getNamedType(field.type) as GraphQLObjectType, nodes, []),
  };
}

/** @throws FraiseqlError BAD_USER_INPUT where `groupBy` names no value */
export function planGroups(selected: Selected, subject: RowsMeaning): GroupsNode {
  const { context, field, nodes, coordinate } = selected;
  const { args, rows: filtered } = filteredRows(selected, subject);
  const rows = { ...filtered, ...pageOf(args) };
  const keys = groupKeys(context, subject.object, args.get("groupBy"), []);
  if (keys.length === 0)
    throw badInput("groupBy names no value; set at least one field of it to true or to a time bucket.");
  const having = args.get("having");
  const condition = having && havingCondition(context, subject.object, having);
  return {
    kind: "groups",
    rows: { ...rows, strategy: strategyOf(ROOT, rows) },
    keys,
    ...(condition && { having: condition }),
    order: groupOrder(context, subject.object, args.get("orderBy"), keys),
    output: measureOutput(context, subject.object, getNamedType(field.type) as GraphQLObjectType, nodes, keys),
    coordinate,
  };
}

function groupKeys(
  context: PlanContext,
  object: ObjectType,
  input: Input | undefined,
  path: readonly Hop[],
): readonly GroupKey[] {
  if (input?.kind !== "object") return [];
  return [...input.entries].flatMap(([name, value]): readonly GroupKey[] => {
    const field = object.fields.find((each) => each.name === name);
    if (field?.kind === "relation") {
      const target = context.lookup.object(field.type);
      return groupKeys(context, target, value, [...path, { object: target, link: field }]);
    }
    if (field?.kind !== "scalar" || value.kind !== "leaf" || value.value === false) return [];
    const bucket = TIME_BUCKETS.find((each) => each === value.value);
    return [{ path, value: field.value, ...(bucket && { bucket: bucket satisfies TimeBucket }) }];
  });
}

const sameKey = (key: GroupKey, path: readonly Hop[], field: ScalarField): boolean =>
  key.value === field.value &&
  key.path.length === path.length &&
  key.path.every((hop, index) => hop.link === path[index]?.link);

function groupOrder(
  context: PlanContext,
  object: ObjectType,
  input: Input | undefined,
  keys: readonly GroupKey[],
): readonly GroupOrder[] {
  const terms = input?.kind === "list" ? input.items.map((item) => groupTerm(context, object, item, keys)) : [];
  const rest = keys.flatMap((_, index): readonly GroupOrder[] =>
    terms.some(({ by }) => by.kind === "key" && by.index === index)
      ? []
      : [{ by: { kind: "key", index }, direction: "asc", nulls: "last" }],
  );
  return [...terms, ...rest];
}

function groupTerm(context: PlanContext, object: ObjectType, input: Input, keys: readonly GroupKey[]): GroupOrder {
  const [name, inner] = onlyEntry(input);
  if (name === "key") return keyTerm(context, object, inner, keys, []);
  const [measure, direction] = measureTerm(context.lookup, object, input);
  return { by: { kind: "measure", measure }, ...directionOf(direction) };
}

function keyTerm(
  context: PlanContext,
  object: ObjectType,
  input: Input,
  keys: readonly GroupKey[],
  path: readonly Hop[],
): GroupOrder {
  const [name, inner] = onlyEntry(input);
  const field = object.fields.find((each) => each.name === name);
  if (field?.kind === "relation") {
    const target = context.lookup.object(field.type);
    return keyTerm(context, target, inner, keys, [...path, { object: target, link: field }]);
  }
  return { by: { kind: "key", index: keyIndex(keys, path, scalarField(object, name)) }, ...directionOf(inner) };
}

function keyIndex(keys: readonly GroupKey[], path: readonly Hop[], field: ScalarField): number {
  const index = keys.findIndex((key) => sameKey(key, path, field));
  if (index < 0) {
    const name = [...path.map(({ link }) => ("name" in link ? String(link.name) : "")), field.name].join(".");
    throw badInput(`key.${name} is not grouped by; add it to groupBy.`);
  }
  return index;
}

/** As in `where`, absent is no condition and null is refused. */
function havingCondition(context: PlanContext, object: ObjectType, input: Input, path = "having"): Having | undefined {
  const terms = [...entriesOf(input, path)].flatMap(([name, value]): readonly Having[] => {
    const here = `${path}.${name}`;
    const inner = (item: Input, at: string): Having => havingCondition(context, object, item, at) ?? TRUE;
    if (name === "and" || name === "or") {
      return [{ kind: name, terms: itemsOf(value, here).map((item, index) => inner(item, `${here}[${index}]`)) }];
    }
    if (name === "not") return [{ kind: "not", term: inner(value, here) }];
    if (name === "count") return compared({ function: "count" }, { kind: "base", name: "int8" }, value, here);
    return [...entriesOf(value, here)].flatMap(([fieldName, operators]) => {
      const measure = measureOf(context.lookup, object, name as FieldMeasure, scalarField(object, fieldName));
      if (measure.function === "count") throw new TypeError(`${here} is no measure of a field`);
      return compared(measure, measure.shape.type, operators, `${here}.${fieldName}`);
    });
  });
  return terms.length > 1 ? { kind: "and", terms } : terms[0];
}

const TRUE: Having = { kind: "and", terms: [] };

function compared(measure: Measure, type: PgType, input: Input, path: string): readonly Having[] {
  const found = comparison<Having>(type, entriesOf(input, path), path, {
    compare: (operator, operand) => ({ kind: "compare", measure, operator, operand, type }),
    isNull: (negated) => ({ kind: "isNull", measure, negated }),
  });
  return found ? [found] : [];
}

function measureOutput(
  context: PlanContext,
  object: ObjectType,
  type: GraphQLObjectType,
  nodes: Selected["nodes"],
  keys: readonly GroupKey[],
  path: readonly Hop[] = [],
): MeasureOutput {
  const fields = collectFields(
    context,
    type,
    nodes.map((node) => node.selectionSet),
  );
  return [...fields].map(([key, fieldNodes]): MeasureOutput[number] => {
    const name = fieldNodes[0].name.value;
    if (name === "__typename") return { key, node: { kind: "constant", json: JSON.stringify(type.name) } };
    const field = type.getFields()[name];
    const meaning = field && meaningOf(field);
    const below = (next: readonly Hop[]): MeasureOutput[number] => ({
      key,
      node: {
        kind: "object",
        output: measureOutput(context, object, getNamedType(field?.type) as GraphQLObjectType, fieldNodes, keys, next),
      },
    });
    switch (meaning?.kind) {
      case "count":
        return { key, node: { kind: "measure", measure: { function: "count" } } };
      case "measures":
      case "groupKeys":
        return below(path);
      case "groupHop":
        return below([...path, { object: context.lookup.object(meaning.relation.type), link: meaning.relation }]);
      case "measure":
        return {
          key,
          node: { kind: "measure", measure: measureOf(context.lookup, object, meaning.function, meaning.field) },
        };
      case "groupKey": {
        const { value, type: scalar, list } = meaning.field;
        const index = keyIndex(keys, path, meaning.field);
        return { key, node: { kind: "groupKey", index, shape: shapeOf(context.lookup, scalar, value.type, list) } };
      }
      default:
        throw new TypeError(`${type.name}.${name} is no measure`);
    }
  });
}
