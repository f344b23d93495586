/** Types of what goes in: variables, and the input objects they hold. */
import {
  type GraphQLInputType,
  type GraphQLSchema,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
} from "graphql";
import type { TypeNames } from "./type-names.ts";
import { commentOf, listType, objectType, type Property } from "./type-text.ts";

/** The type of an operation's variables; what has a default may be left out. */
export function variablesType(schema: GraphQLSchema, operation: OperationDefinitionNode, names: TypeNames): string {
  const properties = (operation.variableDefinitions ?? []).map(({ variable, type, defaultValue }) =>
    // Validation has seen that every variable has an input type.
    property(variable.name.value, typeFromAST(schema, type) as GraphQLInputType, defaultValue !== undefined, names),
  );
  return objectType(properties);
}

/** Every input object that the variables reach, by name. */
export function inputTypes(names: TypeNames): readonly string[] {
  const texts = new Map<string, string>();
  // Writing one may reach others; a map gives what is added while it is walked.
  for (const [name, type] of names.inputs) {
    const properties = Object.values(type.getFields()).map((field) =>
      property(field.name, field.type, field.defaultValue !== undefined, names),
    );
    texts.set(name, `${commentOf(type.description)}export type ${name} = ${objectType(properties)};`);
  }
  return [...texts].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, text]) => text);
}

/** What may be null may be left out; what has a default too. */
function property(name: string, type: GraphQLInputType, hasDefault: boolean, names: TypeNames): Property {
  const isRequired = isNonNullType(type);
  const optional = !isRequired || hasDefault;
  return { name, optional, type: `${inputType(type, names)}${optional ? " | undefined" : ""}` };
}

function inputType(type: GraphQLInputType, names: TypeNames): string {
  if (isNonNullType(type)) return present(type.ofType, names);
  return `${present(type, names)} | null`;
}

function present(
  type: Exclude<GraphQLInputType, { readonly [Symbol.toStringTag]: "GraphQLNonNull" }>,
  names: TypeNames,
): string {
  if (isNonNullType(type)) return present(type.ofType, names);
  return isListType(type) ? listType(inputType(type.ofType, names)) : names.nameOf(type);
}
