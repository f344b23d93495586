/** Types of a list that is read in pages, as Relay has it. */
import { GraphQLBoolean, GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLString } from "graphql";
import { meaning } from "./meaning.ts";
import { wrap } from "./output-fields.ts";
import type { Types } from "./types.ts";

/** Pages of an object: its edges, its nodes, and where the page stands. */
export function connectionType(types: Types, object: string, node: GraphQLObjectType): GraphQLObjectType {
  const text = new GraphQLNonNull(GraphQLString);
  const edgeName = `${object}Edge`;
  const name = `${object}Connection`;
  const edge = types.named(
    edgeName,
    () =>
      new GraphQLObjectType({
        name: edgeName,
        fields: () => ({
          cursor: { type: text, extensions: meaning({ kind: "part", part: "cursor" }) },
          node: { type: new GraphQLNonNull(node), extensions: meaning({ kind: "part", part: "node" }) },
        }),
      }),
  );
  return types.named(
    name,
    () =>
      new GraphQLObjectType({
        name,
        fields: () => ({
          edges: { type: wrap(edge, true, false, false), extensions: meaning({ kind: "part", part: "edges" }) },
          nodes: { type: wrap(node, true, false, false), extensions: meaning({ kind: "part", part: "nodes" }) },
          pageInfo: {
            type: new GraphQLNonNull(pageInfoType(types)),
            extensions: meaning({ kind: "part", part: "pageInfo" }),
          },
          totalCount: {
            type: new GraphQLNonNull(GraphQLInt),
            description: "Rows of all pages; counted only when selected.",
            extensions: meaning({ kind: "part", part: "totalCount" }),
          },
        }),
      }),
  );
}

function pageInfoType(types: Types): GraphQLObjectType {
  const flag = new GraphQLNonNull(GraphQLBoolean);
  return types.named(
    "PageInfo",
    () =>
      new GraphQLObjectType({
        name: "PageInfo",
        fields: {
          hasNextPage: { type: flag, extensions: meaning({ kind: "part", part: "hasNextPage" }) },
          hasPreviousPage: { type: flag, extensions: meaning({ kind: "part", part: "hasPreviousPage" }) },
          startCursor: { type: GraphQLString, extensions: meaning({ kind: "part", part: "startCursor" }) },
          endCursor: { type: GraphQLString, extensions: meaning({ kind: "part", part: "endCursor" }) },
        },
      }),
  );
}
