/** One row by a unique key, and by its node id. */
import { type GraphQLObjectType, isObjectType } from "graphql";
import type { Bind, Input } from "../graphql/input.ts";
import { columnField } from "../graphql/key-arguments.ts";
import { decodeNodeId } from "../graphql/node-id.ts";
import { isNode } from "../graphql/object-types.ts";
import type { Key, ObjectType } from "../schema/model.ts";
import { totalKey } from "../schema/total-key.ts";
import { badInput, innerOutput, readArguments, type Selected } from "./context.ts";
import { OPERATORS, type Operator } from "./operators.ts";
import { sourceOf } from "./order.ts";
import type { Condition, Rows, ValueNode } from "./plan.ts";
import { ROOT } from "./strategy.ts";

const EQUAL = OPERATORS.find((each) => each.name === "eq") as Operator;

/** @param index - of the key among the keys of the object */
export function planKey(selected: Selected, object: ObjectType, index: number): ValueNode {
  const args = readArguments(selected.context, selected.field, selected.nodes[0]);
  const key = object.keys[index] as Key;
  const rows = keyRows(
    object,
    key,
    (column) => (args.get(columnField(object, column).name) as Input & { bind: Bind }).bind,
  );
  return { kind: "one", rows, nullable: true, coordinate: selected.coordinate, output: innerOutput(selected, ROOT) };
}

/** The type in the id decides the statement; `shapeKey` of the operation holds it, so the plan fits later requests. */
export function planNode(selected: Selected): ValueNode {
  const { context, field, nodes, coordinate } = selected;
  const input = readArguments(context, field, nodes[0]).get("id");
  const id = input?.kind === "leaf" ? decodeNodeId(input.value) : undefined;
  const type = id && context.schema.getType(id.type);
  const object =
    isObjectType(type) && context.schema.isSubType(nodeType(selected), type)
      ? context.lookup.object(type.name)
      : undefined;
  const key = object && totalKey(object.keys);
  if (!id || !object || !key || !isNode(object) || key.columns.length !== id.key.length) {
    throw badInput("id is not a node id of this API; take it from a nodeId field.");
  }
  const bind = (input as Input & { bind: Bind }).bind;
  const rows = keyRows(object, key, (_, index) => ({ kind: "nodeKey", id: bind, index }));
  return {
    kind: "one",
    rows,
    nullable: true,
    coordinate,
    output: selected.select(type as GraphQLObjectType, nodes, ROOT),
  };
}

function nodeType(selected: Selected): Parameters<Selected["context"]["schema"]["isSubType"]>[0] {
  return selected.field.type as Parameters<Selected["context"]["schema"]["isSubType"]>[0];
}

/** The row with these values in the columns of a key. */
export function keyCondition(key: Key, bindOf: (column: string, index: number) => Bind): Condition {
  const terms = key.columns.map(
    ({ column, type }, index): Condition => ({
      kind: "compare",
      value: { from: "column", column, type, notNull: !key.nullable },
      list: false,
      operator: EQUAL,
      operand: bindOf(column, index),
      length: false,
    }),
  );
  return terms.length === 1 ? (terms[0] as Condition) : { kind: "and", terms };
}

function keyRows(object: ObjectType, key: Key, bindOf: (column: string, index: number) => Bind): Rows {
  return {
    object,
    source: sourceOf(object),
    where: keyCondition(key, bindOf),
    order: [],
    strategy: { kind: "correlated", reason: "one row by a unique key" },
  };
}
