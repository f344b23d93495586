/** What the planner carries through one operation. */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isObjectType,
} from "graphql";
import { FraiseqlError, RequestFailed } from "../errors.ts";
import { type Input, readInput, readValue } from "../graphql/input.ts";
import type { SelectionContext } from "../graphql/selection.ts";
import type { Lookup } from "../schema/lookup.ts";
import type { Output } from "./plan.ts";
import type { Position } from "./strategy.ts";

export type PlanContext = SelectionContext & {
  readonly lookup: Lookup;
  /** Turns introspection fields into JSON; see `graphql/introspection.ts`. */
  readonly introspect: (
    nodes: readonly FieldNode[],
    key: string,
  ) => (variables: Readonly<Record<string, unknown>>) => string;
};

/** One selected field with what its parts need to be planned. */
export type Selected = {
  readonly context: PlanContext;
  readonly parent: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly nodes: readonly [FieldNode, ...FieldNode[]];
  readonly position: Position;
  /** `Type.field`. */
  readonly coordinate: string;
  /** Plans the selection of the given nodes on one object type. */
  readonly select: (type: GraphQLObjectType, nodes: readonly FieldNode[], position: Position) => Output;
};

/** The selection below a field of object type. */
export function innerOutput(selected: Selected, position: Position): Output {
  const type = getNamedType(selected.field.type);
  if (!isObjectType(type)) throw new TypeError(`${selected.coordinate} is no object`);
  return selected.select(type, selected.nodes, position);
}

export type Arguments = ReadonlyMap<string, Input>;

/** The arguments of one field with defaults; absent ones are absent from the map. */
export function readArguments(context: PlanContext, field: GraphQLField<unknown, unknown>, node: FieldNode): Arguments {
  const inputs = new Map<string, Input>();
  for (const argument of field.args) {
    const given = node.arguments?.find((each) => each.name.value === argument.name)?.value;
    const input = given && readInput(argument.type, given, context.variables);
    if (input) inputs.set(argument.name, input);
    else if (argument.defaultValue !== undefined) {
      const value = argument.defaultValue;
      inputs.set(argument.name, readValue(argument.type as GraphQLInputType, value, { kind: "constant", value }));
    }
  }
  return inputs;
}

/** Runs a planning step; errors about the user's input get the field's place in the document. */
export function atField<T>(node: FieldNode, key: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof FraiseqlError)) throw error;
    const location = node.loc && { line: node.loc.startToken.line, column: node.loc.startToken.column };
    throw new RequestFailed([
      {
        message: error.message,
        ...(location && { locations: [location] }),
        path: [key],
        extensions: { ...error.details, code: error.code },
      },
    ]);
  }
}

export function badInput(message: string): FraiseqlError {
  return new FraiseqlError("BAD_USER_INPUT", message);
}
