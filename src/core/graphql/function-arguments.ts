/** Arguments of the functions of a database. */
import {
  type GraphQLFieldConfigArgumentMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
} from "graphql";
import type { FunctionArgument, InputType } from "../schema/model.ts";
import type { Types } from "./types.ts";

/** The arguments of a function as those of its field. */
export function functionArguments(types: Types, list: readonly FunctionArgument[]): GraphQLFieldConfigArgumentMap {
  return Object.fromEntries(
    list.map((argument) => [
      argument.name,
      {
        type: inputTypeOf(types, argument),
        description: argument.description ?? null,
        deprecationReason: argument.deprecated ?? null,
      },
    ]),
  );
}

function inputTypeOf(
  types: Types,
  item: { readonly type: string; readonly list: boolean; readonly nullable: boolean },
): GraphQLInputType {
  const input = types.model.inputs.find((each) => each.name === item.type);
  const named = input ? inputType(types, input) : types.leaf(item.type);
  const type = item.list ? new GraphQLList(named) : named;
  return item.nullable ? type : new GraphQLNonNull(type);
}

function inputType(types: Types, input: InputType): GraphQLInputObjectType {
  return types.named(
    input.name,
    () =>
      new GraphQLInputObjectType({
        name: input.name,
        description: input.description ?? null,
        fields: () =>
          Object.fromEntries(
            input.fields.map((field) => [
              field.name,
              {
                type: inputTypeOf(types, field),
                description: field.description ?? null,
                deprecationReason: field.deprecated ?? null,
              },
            ]),
          ),
      }),
  );
}
