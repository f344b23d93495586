/** From a valid operation to its plan: what each selected field asks of the database. */
import type { FieldNode, GraphQLObjectType, OperationDefinitionNode } from "graphql";
import { type FieldMeaning, meaningOf, type RowsMeaning } from "../graphql/meaning.ts";
import { collectFields } from "../graphql/selection.ts";
import type { RelationField } from "../schema/model.ts";
import { planAggregate, planGroups } from "./aggregates.ts";
import { planCall, planRowCall } from "./calls.ts";
import { planConnection } from "./connections.ts";
import { atField, innerOutput, locationOf, type PlanContext, type Selected } from "./context.ts";
import { planKey, planNode } from "./keys.ts";
import type { MutationNode, MutationPlan } from "./mutation.ts";
import { sourceOf } from "./order.ts";
import { planOutcome } from "./outcomes.ts";
import type { Output, Plan, Rows, ValueNode } from "./plan.ts";
import { planPolymorphic } from "./polymorphic.ts";
import { filteredRows, leafBind, orderOf, pageOf } from "./rows.ts";
import { shapeOf } from "./shape.ts";
import { isUnbounded, type Position, ROOT, strategyOf } from "./strategy.ts";
import { planWrite } from "./writes.ts";

/** @throws FraiseqlError for input that only planning can refuse, such as a limit or a cursor */
export function planOperation(context: PlanContext, operation: OperationDefinitionNode): Plan {
  const type = context.schema.getQueryType() as GraphQLObjectType;
  return { output: planOutput(context, type, [operation], ROOT) };
}

/** The root fields of a mutation, in their order. */
export function planMutation(context: PlanContext, operation: OperationDefinitionNode): MutationPlan {
  const type = context.schema.getMutationType() as GraphQLObjectType;
  const fields = collectFields(context, type, [operation.selectionSet]);
  return {
    roots: [...fields].map(([key, nodes]) => ({
      key,
      node: atField(nodes[0], key, () => planRoot(context, type, nodes)),
    })),
  };
}

function planRoot(context: PlanContext, type: GraphQLObjectType, nodes: Selected["nodes"]): MutationNode {
  const name = nodes[0].name.value;
  if (name === "__typename") return { kind: "constant", json: JSON.stringify(type.name) };
  const selected = selectedField(context, type, nodes, ROOT);
  const { meaning } = selected;
  if (meaning.kind === "write") return planWrite(selected, meaning.write, meaning.object);
  if (meaning.kind === "outcome") return planOutcome(selected, meaning.call, meaning.entity);
  throw new TypeError(`${selected.coordinate} is no mutation`);
}

/** The selection of the given nodes on one object type. */
function planOutput(
  context: PlanContext,
  type: GraphQLObjectType,
  nodes: readonly Pick<FieldNode, "selectionSet">[],
  position: Position,
): Output {
  const fields = collectFields(
    context,
    type,
    nodes.map((node) => node.selectionSet),
  );
  return [...fields].map(([key, fieldNodes]) => {
    const [first] = fieldNodes;
    const node = atField(first, key, () => planField(context, type, key, fieldNodes, position));
    const location = locationOf(first);
    return { key, node, ...(location && { location }) };
  });
}

function planField(
  context: PlanContext,
  parent: GraphQLObjectType,
  key: string,
  nodes: Selected["nodes"],
  position: Position,
): ValueNode {
  const name = nodes[0].name.value;
  if (name === "__typename") return { kind: "constant", json: JSON.stringify(parent.name) };
  if (name === "__schema" || name === "__type") return { kind: "given", key, read: context.introspect(nodes, key) };
  const selected = selectedField(context, parent, nodes, position);
  return planMeaning(selected, selected.meaning);
}

function selectedField(
  context: PlanContext,
  parent: GraphQLObjectType,
  nodes: Selected["nodes"],
  position: Position,
): Selected & { readonly meaning: FieldMeaning } {
  const name = nodes[0].name.value;
  const field = parent.getFields()[name];
  const meaning = field && meaningOf(field);
  if (!meaning) throw new TypeError(`${parent.name}.${name} has no meaning`);
  const select: Selected["select"] = (type, inner, below) => planOutput(context, type, inner, below);
  return { context, parent, field, nodes, position, coordinate: `${parent.name}.${name}`, select, meaning };
}

function planMeaning(selected: Selected, meaning: FieldMeaning): ValueNode {
  const { context, position, coordinate } = selected;
  switch (meaning.kind) {
    case "scalar": {
      const { value, nullable, list, type } = meaning.field;
      return { kind: "scalar", value, shape: shapeOf(context.lookup, type, value.type, list), nullable, coordinate };
    }
    case "embedded": {
      const { value, list, nullable } = meaning.field;
      return { kind: "embedded", value, list, nullable, coordinate, output: innerOutput(selected, position) };
    }
    case "nodeId":
      return { kind: "nodeId", object: meaning.object };
    case "one":
      return planOne(selected, meaning.relation);
    case "list":
      return planList(selected, meaning);
    case "connection":
      return planConnection(selected, meaning);
    case "aggregate":
      return planAggregate(selected, meaning);
    case "groups":
      return planGroups(selected, meaning);
    case "key":
      return planKey(selected, meaning.object, meaning.key);
    case "node":
      return planNode(selected);
    case "polymorphic":
      return planPolymorphic(selected);
    case "rowCall":
      return planRowCall(selected, meaning.call, meaning.object);
    case "valueCall":
      return planCall(selected, meaning.call);
    default:
      throw new TypeError(`${coordinate} stands outside of its parent`);
  }
}

function planList(selected: Selected, meaning: RowsMeaning): ValueNode {
  const { position, coordinate } = selected;
  const filtered = filteredRows(selected, meaning);
  // A function's own order ("nearest first") means something; only an order that is asked for replaces it.
  const keepsOrder = meaning.call !== undefined && !leafBind(filtered.args, "orderBy");
  const bare = {
    ...filtered.rows,
    ...(keepsOrder ? { keepsOrder } : { order: orderOf(selected, filtered) }),
    ...pageOf(filtered.args),
  };
  const rows: Rows = { ...bare, strategy: strategyOf(position, bare) };
  const output = innerOutput(selected, { unbounded: isUnbounded(rows, position) });
  return { kind: "list", rows, coordinate, output };
}

function planOne(selected: Selected, relation: RelationField): ValueNode {
  const object = selected.context.lookup.object(relation.type);
  const rows: Omit<Rows, "strategy"> = { object, source: sourceOf(object), link: relation, order: [] };
  const strategy = strategyOf(selected.position, rows);
  return {
    kind: "one",
    rows: { ...rows, strategy },
    nullable: relation.nullable,
    coordinate: selected.coordinate,
    output: innerOutput(selected, strategy.kind === "grouped" ? selected.position : ROOT),
  };
}
