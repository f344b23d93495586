/** What fields of output types are made of. */
import { type GraphQLFieldConfig, GraphQLList, GraphQLNonNull, type GraphQLOutputType } from "graphql";

export type FieldConfig = GraphQLFieldConfig<unknown, unknown>;
export type Fields = Record<string, FieldConfig>;

/** What the model says of a field, for graphql-js. */
export function documentation(item: {
  readonly description?: string;
  readonly deprecated?: string;
}): Pick<FieldConfig, "description" | "deprecationReason"> {
  return { description: item.description ?? null, deprecationReason: item.deprecated ?? null };
}

/** The type with its list and null marks; elements of a list of values may be null, rows never are. */
export function wrap(
  type: GraphQLOutputType,
  list: boolean,
  nullable: boolean,
  nullableItems = true,
): GraphQLOutputType {
  const inner = list ? new GraphQLList(nullableItems ? type : new GraphQLNonNull(type as never)) : type;
  return nullable ? inner : new GraphQLNonNull(inner as never);
}
