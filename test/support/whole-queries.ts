/** Documents that select all there is, one for each root field, made from the GraphQL schema. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from "graphql";

/**
 * One document for each root list: all values of each row, and below it each relation with its values.
 *
 * @param depth how many objects deep the selection goes.
 */
export function wholeQueries(
  schema: GraphQLSchema,
  depth = 3,
): readonly { readonly name: string; readonly query: string }[] {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  return fields.flatMap((field) => {
    if (field.args.some(({ type }) => isNonNullType(type))) return [];
    const selection = selectionOf(field, depth);
    return selection === undefined ? [] : [{ name: field.name, query: `{ ${selection} }` }];
  });
}

function selectionOf(field: GraphQLField<unknown, unknown>, depth: number): string | undefined {
  if (field.args.some(({ type }) => isNonNullType(type))) return undefined;
  const type = getNamedType(field.type);
  const names = new Set(field.args.map(({ name }) => name));
  const page = names.has("limit") ? "(limit: 2)" : names.has("first") ? "(first: 2)" : "";
  if (isLeafType(type)) return field.name;
  if (!isObjectType(type) || depth === 0) return undefined;
  const inner = fieldsOf(type, depth - 1);
  return inner === "" ? undefined : `${field.name}${page} { ${inner} }`;
}

const fieldsOf = (type: GraphQLObjectType, depth: number): string =>
  Object.values(type.getFields())
    .flatMap((field) => selectionOf(field, depth) ?? [])
    .join(" ");
