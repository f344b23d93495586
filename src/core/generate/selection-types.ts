/** Types of what comes out: what a selection gives for each type that the value may have. */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from "graphql";
import type { TypeNames } from "./type-names.ts";
import { listType, objectType, type Property, unionType } from "./type-text.ts";

export type SelectionScope = {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly names: TypeNames;
};

/** A selection set, and whether `@skip` or `@include` may take it away. */
type Part = { readonly set: SelectionSetNode; readonly conditional: boolean };
type Occurrence = { readonly node: FieldNode; readonly conditional: boolean };

/** Stands for the name of the type until it is known which types share a shape. */
const TYPENAME = "\0";

/** The type of what a selection gives: for an abstract type one shape for each that differs. */
export function selectionType(scope: SelectionScope, type: GraphQLCompositeType, parts: readonly Part[]): string {
  const types = isAbstractType(type) ? scope.schema.getPossibleTypes(type) : [type];
  const shapes = types.map((each) => ({ name: each.name, properties: shapeOf(scope, each, parts) }));
  const keys = [...new Set(shapes.flatMap(({ properties }) => properties.map(({ name }) => name)))];
  const byText = new Map<string, string[]>();
  for (const { name, properties } of shapes) {
    const text = objectType([...properties, ...absent(keys, properties)]);
    byText.set(text, [...(byText.get(text) ?? []), JSON.stringify(name)]);
  }
  return unionType([...byText].map(([text, names]) => text.replaceAll(TYPENAME, unionType(names))));
}

/** A key that only other types have can be asked for, and is undefined. */
function absent(keys: readonly string[], properties: readonly Property[]): readonly Property[] {
  const own = new Set(properties.map(({ name }) => name));
  return keys.filter((key) => !own.has(key)).map((name) => ({ name, optional: true, type: "undefined" }));
}

function shapeOf(scope: SelectionScope, type: GraphQLObjectType, parts: readonly Part[]): readonly Property[] {
  const occurrences = new Map<string, Occurrence[]>();
  for (const { set, conditional } of parts) collect(scope, type, set.selections, conditional, occurrences);
  return [...occurrences].map(([name, found]) => {
    const optional = found.every(({ conditional }) => conditional);
    return { name, optional, type: fieldType(scope, type, found) };
  });
}

function collect(
  scope: SelectionScope,
  type: GraphQLObjectType,
  selections: readonly SelectionNode[],
  inherited: boolean,
  into: Map<string, Occurrence[]>,
): void {
  for (const node of selections) {
    const conditional = inherited || isConditional(node);
    if (node.kind === Kind.FIELD) {
      const key = (node.alias ?? node.name).value;
      into.set(key, [...(into.get(key) ?? []), { node, conditional }]);
      continue;
    }
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? scope.fragments.get(node.name.value) : node;
    if (fragment && applies(scope.schema, fragment.typeCondition?.name.value, type))
      collect(scope, type, fragment.selectionSet.selections, conditional, into);
  }
}

const isConditional = ({ directives = [] }: SelectionNode): boolean =>
  directives.some(({ name }) => name.value === "skip" || name.value === "include");

function applies(schema: GraphQLSchema, condition: string | undefined, type: GraphQLObjectType): boolean {
  if (condition === undefined || condition === type.name) return true;
  const wanted = schema.getType(condition);
  return isAbstractType(wanted) && schema.isSubType(wanted, type);
}

function fieldType(scope: SelectionScope, parent: GraphQLObjectType, found: readonly Occurrence[]): string {
  const name = found[0]?.node.name.value ?? "";
  if (name === "__typename") return TYPENAME;
  const field =
    name === "__schema" ? SchemaMetaFieldDef : name === "__type" ? TypeMetaFieldDef : parent.getFields()[name];
  // Validation has seen that the field is there.
  if (!field) throw new TypeError(`${parent.name} has no field ${name}`);
  return outputType(field.type, () => {
    const named = getNamedType(field.type);
    if (isLeafType(named)) return scope.names.nameOf(named);
    return isCompositeType(named) ? selectionType(scope, named, partsOf(found)) : "never";
  });
}

/** A field that is there for one of several reasons holds what that reason selects; with one reason it holds all of it. */
function partsOf(found: readonly Occurrence[]): readonly Part[] {
  return found.flatMap(({ node, conditional }) =>
    node.selectionSet ? [{ set: node.selectionSet, conditional: conditional && found.length > 1 }] : [],
  );
}

function outputType(type: GraphQLOutputType, named: () => string): string {
  if (isNonNullType(type)) return present(type.ofType, named);
  return `${present(type, named)} | null`;
}

function present(type: GraphQLOutputType, named: () => string): string {
  if (isNonNullType(type)) return present(type.ofType, named);
  return isListType(type) ? listType(outputType(type.ofType, named)) : named();
}
