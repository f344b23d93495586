/** Functions of the database as query fields. */

import type { GraphQLInputType } from "graphql";
import { type Bind, bindOf, type Input } from "../graphql/input.ts";
import type { RowsCall, ValueCall } from "../graphql/meaning.ts";
import type { FunctionArgument, ObjectType } from "../schema/model.ts";
import { type Arguments, badInput, innerOutput, readArguments, type Selected } from "./context.ts";
import type { Argument, Rows, ValueNode } from "./plan.ts";
import { filteredRows, leafBind, pageOf } from "./rows.ts";
import { shapeOf } from "./shape.ts";
import { ROOT } from "./strategy.ts";

/** A function whose rows are those of an object: filtered, ordered and paged like a list, the order its own unless one is asked for. */
export function planRowsCall(selected: Selected, call: RowsCall, object: ObjectType): ValueNode {
  const args = readArguments(selected.context, selected.field, selected.nodes[0]);
  const own = new Set(call.arguments.map(({ name }) => name));
  const listArgs = new Map([...args].filter(([name]) => !own.has(name)));
  const source: Rows["source"] = {
    kind: "function",
    function: call.function,
    arguments: callArguments(selected, call.arguments, args),
  };
  const filtered = filteredRows(selected.context, { object }, listArgs, source);
  const ordered = leafBind(listArgs, "orderBy");
  const rows: Rows = {
    ...filtered,
    // A function's own order ("nearest first") means something; only an order that is asked for replaces it.
    ...(ordered ? {} : { order: [] }),
    ...pageOf(listArgs),
    strategy: { kind: "correlated", reason: "rows of a function" },
  };
  const { coordinate } = selected;
  const output = innerOutput(selected, ROOT);
  return call.set
    ? { kind: "list", rows, output, coordinate }
    : { kind: "one", rows, output, nullable: true, coordinate };
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

/** Arguments left out take the function's own default; positional ones can only be left out at the end. */
export function callArguments(
  { field }: Selected,
  list: readonly FunctionArgument[],
  args: Arguments,
): readonly Argument[] {
  const types = new Map(field.args.map(({ name, type }) => [name, type]));
  let leftOut: string | undefined;
  return list.flatMap(({ name, pgName, pgType }): readonly Argument[] => {
    const input = args.get(name);
    if (!input) {
      leftOut ??= name;
      return [];
    }
    if (pgName === null && leftOut !== undefined) {
      throw badInput(
        `${name} is given but ${leftOut} before it is not; the function's arguments have no names, so only the last ones can be left out.`,
      );
    }
    return [{ name: pgName, type: pgType, bind: argumentBind(types.get(name), input) }];
  });
}

/** An input object goes to the function whole, as JSON. */
function argumentBind(type: GraphQLInputType | undefined, input: Input): Bind {
  return type && input.kind === "object" ? { kind: "json", type, of: input.bind } : bindOf(input);
}
