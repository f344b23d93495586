/** What the planner carries through one operation. */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  isObjectType,
} from "graphql";
import { FraiseqlError, RequestFailed } from "../errors.ts";
import { type Input, readInput, readValue } from "../graphql/input.ts";
import type { SelectionContext } from "../graphql/selection.ts";
import type { Limits } from "../limits.ts";
import type { Lookup } from "../schema/lookup.ts";
import type { Output } from "./plan.ts";
import type { Position } from "./strategy.ts";

export type PlanContext = SelectionContext & {
  readonly lookup: Lookup;
  readonly limits: Limits;
  /** Counts the input values all arguments take: a variable used in many places makes as many conditions. */
  readonly inputs: { count: number };
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
    if (input) {
      refuseLarge(context, argument.name, argument.type, input);
      inputs.set(argument.name, input);
    } else if (argument.defaultValue !== undefined) {
      const value = argument.defaultValue;
      inputs.set(argument.name, readValue(argument.type as GraphQLInputType, value, { kind: "constant", value }));
    }
  }
  return inputs;
}

/** An order of many terms is dear in PostgreSQL, and behind a cursor it makes terms of terms. */
function refuseLarge({ limits, inputs }: PlanContext, name: string, type: GraphQLInputType, input: Input): void {
  const named = getNamedType(type);
  const isOrder = isInputObjectType(named) && named.isOneOf;
  if (isOrder && input.kind === "list" && input.items.length > limits.orderTermsMax) {
    throw inputLimit(
      `${name} has ${input.items.length} terms; the limit is ${limits.orderTermsMax}.`,
      limits.orderTermsMax,
    );
  }
  inputs.count += sizeOf(input);
  if (inputs.count > limits.inputNodesMax) {
    throw inputLimit(
      `The arguments of the operation take more than ${limits.inputNodesMax} values together; a variable counts once for each use.`,
      limits.inputNodesMax,
    );
  }
}

/** A list of plain values is one parameter of the statement, however long it is. */
function sizeOf(input: Input): number {
  if (input.kind === "list")
    return input.items.reduce((size, item) => size + (item.kind === "leaf" ? 0 : sizeOf(item)), 1);
  if (input.kind !== "object") return 1;
  let size = 1;
  for (const entry of input.entries.values()) size += sizeOf(entry);
  return size;
}

function inputLimit(message: string, limit: number): FraiseqlError {
  return new FraiseqlError("INPUT_LIMIT", message, { details: { limit } });
}

/** Runs a planning step; errors about the user's input get the field's place in the document. */
export function atField<T>(node: FieldNode, key: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof FraiseqlError)) throw error;
    const location = locationOf(node);
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

/** Where a field stands in the document; both count from 1. */
export function locationOf({ loc }: FieldNode): Output[number]["location"] {
  return loc && { line: loc.startToken.line, column: loc.startToken.column };
}

/** BAD_USER_INPUT, for what types cannot refuse. */
export function badInput(message: string): FraiseqlError {
  return new FraiseqlError("BAD_USER_INPUT", message);
}
