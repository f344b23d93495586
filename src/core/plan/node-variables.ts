/** Variables that name a node: the type inside their value decides the statement, so it belongs to the shape of a request. */
import { type GraphQLSchema, type OperationDefinitionNode, TypeInfo, visit, visitWithTypeInfo } from "graphql";
import type { ValidDocument } from "../graphql/document.ts";
import { meaningOf } from "../graphql/meaning.ts";

/** The variables of an operation that hold node ids. */
export function nodeVariables(
  schema: GraphQLSchema,
  document: ValidDocument,
  operation: OperationDefinitionNode,
): readonly string[] {
  if (!operation.variableDefinitions?.length) return [];
  const names = new Set<string>();
  const types = new TypeInfo(schema);
  visit(
    document.node,
    visitWithTypeInfo(types, {
      Argument: ({ value }) => {
        const field = types.getFieldDef();
        if (value.kind === "Variable" && field && meaningOf(field)?.kind === "node") names.add(value.name.value);
      },
    }),
  );
  return [...names];
}
