/** CollectFields of the specification: the fields of a selection on one object type, in order of their response keys. */
import {
  type DirectiveNode,
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type SelectionSetNode,
  typeFromAST,
} from "graphql";
import type { Fragments } from "./document.ts";
import type { Variables } from "./input.ts";

export type SelectionContext = {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly variables: Variables;
};

export type CollectedFields = ReadonlyMap<string, readonly [FieldNode, ...FieldNode[]]>;

/**
 * The fields that are selected of one type, by response key: fragments are taken in, what `@skip` and `@include` take out is
 * not there.
 */
export function collectFields(
  context: SelectionContext,
  type: GraphQLObjectType,
  sets: readonly (SelectionSetNode | undefined)[],
): CollectedFields {
  const fields = new Map<string, [FieldNode, ...FieldNode[]]>();
  const visited = new Set<string>();
  for (const set of sets) if (set) collect(context, type, set, fields, visited);
  return fields;
}

function collect(
  context: SelectionContext,
  type: GraphQLObjectType,
  set: SelectionSetNode,
  fields: Map<string, [FieldNode, ...FieldNode[]]>,
  visited: Set<string>,
): void {
  for (const selection of set.selections) {
    if (!isIncluded(selection, context.variables)) continue;
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      const known = fields.get(key);
      if (known) known.push(selection);
      else fields.set(key, [selection]);
      continue;
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const name = selection.name.value;
      if (visited.has(name)) continue;
      visited.add(name);
    }
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? context.fragments.get(selection.name.value) : selection;
    if (!fragment) continue;
    const condition = fragment.typeCondition && typeFromAST(context.schema, fragment.typeCondition);
    const applies =
      !condition || condition === type || (isAbstractType(condition) && context.schema.isSubType(condition, type));
    if (applies) collect(context, type, fragment.selectionSet, fields, visited);
  }
}

function isIncluded(node: { readonly directives?: readonly DirectiveNode[] }, variables: Variables): boolean {
  if (!node.directives?.length) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.["if"] === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.["if"] !== false;
}
