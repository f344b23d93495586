/** Introspection is answered by graphql-js: it needs no database. */
import {
  type DefinitionNode,
  executeSync,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
  visit,
} from "graphql";
import { RequestFailed } from "../errors.ts";
import { responseError, type ValidDocument } from "./document.ts";
import type { Variables } from "./input.ts";

/** JSON of the introspection fields of one response key, for given variables. */
export function introspect(
  schema: GraphQLSchema,
  document: ValidDocument,
  operation: OperationDefinitionNode,
  nodes: readonly FieldNode[],
  key: string,
  variables: Variables,
): string {
  // The values are coerced already, so the rest of the document, with its enums and scalars, must stay out.
  const fragments = spreadFragments(document, nodes);
  const part: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: operation.operation,
    variableDefinitions: usedVariables(operation, [...nodes, ...fragments]),
    selectionSet: { kind: Kind.SELECTION_SET, selections: nodes },
  };
  const definitions: readonly DefinitionNode[] = [part, ...fragments];
  const { data, errors } = executeSync({
    schema,
    document: { kind: Kind.DOCUMENT, definitions },
    variableValues: variables,
  });
  if (errors) throw new RequestFailed(errors.map((error) => responseError(error, "VALIDATION_ERROR")));
  return JSON.stringify(data?.[key] ?? null);
}

function spreadFragments(document: ValidDocument, nodes: readonly FieldNode[]): readonly FragmentDefinitionNode[] {
  const found = new Set<FragmentDefinitionNode>();
  const search = (node: FieldNode | FragmentDefinitionNode): void =>
    void visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = document.fragments.get(name.value);
        if (!fragment || found.has(fragment)) return;
        found.add(fragment);
        search(fragment);
      },
    });
  nodes.forEach(search);
  return [...found];
}

function usedVariables(
  operation: OperationDefinitionNode,
  nodes: readonly (FieldNode | DefinitionNode)[],
): readonly VariableDefinitionNode[] {
  const used = new Set<string>();
  for (const node of nodes) visit(node, { Variable: (variable) => void used.add(variable.name.value) });
  return (operation.variableDefinitions ?? []).filter((definition) => used.has(definition.variable.name.value));
}
