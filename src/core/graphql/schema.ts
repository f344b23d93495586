/** The executable GraphQL schema of a model. It is correct by construction, so graphql-js is told to assume so. */
import { GraphQLID, GraphQLNonNull, GraphQLObjectType, GraphQLSchema } from "graphql";
import type { SiblingKind } from "../schema/generated-names.ts";
import type { Model, QueryField } from "../schema/model.ts";
import { isGroupable } from "./aggregate-types.ts";
import { functionArguments } from "./function-arguments.ts";
import { keyArguments } from "./key-arguments.ts";
import { meaning, type RowsCall, type RowsFrom } from "./meaning.ts";
import { mutationType } from "./mutation-types.ts";
import {
  aggregateField,
  connectionField,
  groupsField,
  interfaceType,
  isNode,
  listField,
  nodeInterface,
  objectType,
  pagingArguments,
  unionType,
} from "./object-types.ts";
import { documentation, type Fields, wrap } from "./output-fields.ts";
import { createTypes, type Types } from "./types.ts";

/** The schema clients see. It has no resolvers: its fields carry what the planner has to know of them (`meaning.ts`). */
export function buildSchema(model: Model): GraphQLSchema {
  const types = createTypes(model);
  const query = new GraphQLObjectType({
    name: "Query",
    fields: () => {
      const fields: Fields = {};
      if (model.objects.some(isNode)) {
        fields["node"] = {
          type: nodeInterface(types),
          description: "The row a `nodeId` names, or null where it is gone.",
          args: { id: { type: new GraphQLNonNull(GraphQLID) } },
          extensions: meaning({ kind: "node" }),
        };
      }
      for (const each of model.queries) {
        const field = queryField(types, each);
        if (field)
          fields[each.name] = { ...field, ...(each.description || each.deprecated ? documentation(each) : {}) };
      }
      return fields;
    },
  });
  return new GraphQLSchema({
    query,
    ...(model.mutations?.length ? { mutation: mutationType(types, model.mutations) } : {}),
    types: [
      ...model.objects.map((object) => objectType(types, object)),
      ...model.unions.map((union) => unionType(types, union)),
      ...model.interfaces.map((each) => interfaceType(types, each)),
    ],
    assumeValid: true,
  });
}

function queryField(types: Types, query: QueryField): Fields[string] | undefined {
  switch (query.kind) {
    case "list":
      return listField(types, types.object(query.type));
    case "connection":
    case "aggregate":
    case "groups":
      return siblingField(types, query.kind, query.type);
    case "function-sibling":
      return siblingField(types, query.as, query.type, { call: rowsCall(types.model, query.of) });
    case "one": {
      const object = types.object(query.type);
      return {
        type: objectType(types, object),
        args: keyArguments(types, object, query.key),
        extensions: meaning({ kind: "key", object, key: query.key }),
      };
    }
    case "polymorphic": {
      const abstract = types.interface(query.type);
      const union = types.model.unions.find((each) => each.name === query.type);
      const type = abstract ? interfaceType(types, abstract) : union && unionType(types, union);
      if (!type) throw new TypeError(`the model has no interface or union ${query.type}`);
      return {
        type: wrap(type, true, false, false),
        args: pagingArguments(),
        extensions: meaning({ kind: "polymorphic", type: query.type }),
      };
    }
    case "function-rows": {
      const object = types.object(query.type);
      if (query.set) return listField(types, object, { call: query });
      return {
        type: objectType(types, object),
        args: functionArguments(types, query.arguments),
        extensions: meaning({ kind: "rowCall", call: query, object }),
      };
    }
    case "function-value":
      return {
        type: wrap(
          types.leaf(query.type),
          query.list,
          query.nullable || query.type === "Float" || query.type === "JSON",
        ),
        args: functionArguments(types, query.arguments),
        extensions: meaning({ kind: "valueCall", call: query }),
      };
  }
}

/** Undefined where rows of the type have nothing to be grouped by. */
function siblingField(types: Types, kind: SiblingKind, type: string, from: RowsFrom = {}): Fields[string] | undefined {
  const object = types.object(type);
  switch (kind) {
    case "connection":
      return connectionField(types, object, from);
    case "aggregate":
      return aggregateField(types, object, from);
    case "groups":
      return isGroupable(types, object) ? groupsField(types, object, from) : undefined;
  }
}

/** @throws TypeError where the model has no such field */
function rowsCall({ queries }: Model, name: string): RowsCall {
  const query = queries.find((each) => each.name === name);
  if (query?.kind !== "function-rows") throw new TypeError(`the model has no function ${name} that returns rows`);
  return query;
}
