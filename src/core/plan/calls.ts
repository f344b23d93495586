/** Functions of the database as query fields. */

import type { GraphQLInputType } from "graphql";
import { type Bind, bindOf, type Input } from "../graphql/input.ts";
import type { RowsCall, ValueCall } from "../graphql/meaning.ts";
import type { FunctionArgument, ObjectType } from "../schema/model.ts";
import { type Arguments, badInput, innerOutput, readArguments, type Selected } from "./context.ts";
import type { Argument, RowSource, ValueNode } from "./plan.ts";
import { shapeOf } from "./shape.ts";
import { ROOT, strategyOf } from "./strategy.ts";

/** The rows of a function, called with the arguments of its field. */
export function callSource(selected: Selected, call: RowsCall, args: Arguments): RowSource {
  const list = callArguments(selected, call.arguments, args);
  return { kind: "function", function: call.function, arguments: list, set: call.set };
}

/** A function that returns one row. */
export function planRowCall(selected: Selected, call: RowsCall, object: ObjectType): ValueNode {
  const args = readArguments(selected.context, selected.field, selected.nodes[0]);
  const rows = { object, source: callSource(selected, call, args), order: [] };
  return {
    kind: "one",
    rows: { ...rows, strategy: strategyOf(ROOT, rows) },
    output: innerOutput(selected, ROOT),
    nullable: true,
    coordinate: selected.coordinate,
  };
}

/** A function that gives one value, or an array of them. */
export function planCall(selected: Selected, call: ValueCall): ValueNode {
  const args = readArguments(selected.context, selected.field, selected.nodes[0]);
  return {
    kind: "call",
    function: call.function,
    arguments: callArguments(selected, call.arguments, args),
    shape: shapeOf(selected.context.lookup, call.type, call.pgType, call.list),
    nullable: call.nullable,
    coordinate: selected.coordinate,
  };
}

const NULL: Input = { kind: "null" };

/** Arguments left out take the function's own default, or are null; positional ones with one can only be left out at the end. */
export function callArguments(
  { field }: Selected,
  list: readonly FunctionArgument[],
  args: Arguments,
): readonly Argument[] {
  const types = new Map(field.args.map(({ name, type }) => [name, type]));
  let leftOut: string | undefined;
  return list.flatMap(({ name, pgName, pgType, variadic, nullWhenLeftOut }): readonly Argument[] => {
    const input = args.get(name) ?? (nullWhenLeftOut && NULL);
    if (!input) {
      leftOut ??= name;
      return [];
    }
    if (pgName === null && leftOut !== undefined) {
      throw badInput(
        `${name} is given but ${leftOut} before it is not; the function's arguments have no names, so only the last ones can be left out.`,
      );
    }
    const bind = argumentBind(types.get(name), input);
    return [{ name: pgName, type: pgType, bind, ...(variadic && { variadic }) }];
  });
}

/** An input object goes to the function whole, as JSON. */
function argumentBind(type: GraphQLInputType | undefined, input: Input): Bind {
  return type && input.kind === "object" ? { kind: "json", type, of: input.bind } : bindOf(input);
}
