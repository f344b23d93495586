/** Mutations that are functions with an outcome: the call, and what is selected of what it says. */
import { type GraphQLObjectType, type GraphQLUnionType, getNamedType, isUnionType } from "graphql";
import { meaningOf } from "../graphql/meaning.ts";
import { collectFields } from "../graphql/selection.ts";
import type { ObjectType, OutcomeMutation } from "../schema/model.ts";
import { callArguments } from "./calls.ts";
import { readArguments, type Selected } from "./context.ts";
import type { OutcomeNode, OutcomeOutput } from "./mutation.ts";
import { ROOT } from "./strategy.ts";

/** @param entity - the object that the outcome's `entity` is; undefined where it has none */
export function planOutcome(selected: Selected, call: OutcomeMutation, entity: ObjectType | undefined): OutcomeNode {
  const { context, field, nodes, coordinate } = selected;
  const args = readArguments(context, field, nodes[0]);
  const type = getNamedType(field.type) as GraphQLObjectType | GraphQLUnionType;
  const common = {
    kind: "outcome",
    function: call.function,
    arguments: callArguments(selected, call.arguments, args),
    ...(entity && { entity }),
    coordinate,
  } as const;
  if (!isUnionType(type))
    return { ...common, result: { kind: "payload", output: outcomeOutput(selected, type, nodes) } };
  const [shown, failed] = type.getTypes() as readonly [GraphQLObjectType, GraphQLObjectType];
  const output = selected.select(shown, nodes, ROOT);
  return { ...common, result: { kind: "union", entity: output, error: outcomeOutput(selected, failed, nodes) } };
}

function outcomeOutput(selected: Selected, type: GraphQLObjectType, nodes: Selected["nodes"]): OutcomeOutput {
  const sets = nodes.map(({ selectionSet }) => selectionSet);
  return [...collectFields(selected.context, type, sets)].map(([key, inner]) => {
    const name = inner[0].name.value;
    if (name === "__typename") return { key, node: { kind: "constant", json: JSON.stringify(type.name) } };
    const field = type.getFields()[name];
    const meaning = field && meaningOf(field);
    const target = field && (getNamedType(field.type) as GraphQLObjectType);
    if (meaning?.kind === "outcomePart") return { key, node: { kind: "part", part: meaning.part } };
    if (meaning?.kind === "outcomeEntity" && target)
      return { key, node: { kind: "entity", output: selected.select(target, inner, ROOT) } };
    if (meaning?.kind === "outcomeError" && target)
      return { key, node: { kind: "error", output: outcomeOutput(selected, target, [inner[0], ...inner.slice(1)]) } };
    throw new TypeError(`${type.name}.${name} is no part of an outcome`);
  });
}
