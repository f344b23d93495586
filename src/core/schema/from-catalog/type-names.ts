/** Names of types, and the names GraphQL types get that are made from them. */
import { FIXED_TYPE_NAMES, GENERATED_TYPE_SUFFIXES, SIBLING_FIELD_SUFFIXES } from "../generated-names.ts";
import { SCALARS } from "../scalars.ts";
import { type NameScope, nameScope } from "./name-scope.ts";

/** Types made for an object, whether or not the schema comes to need all of them. */
export const namesOfObject = (name: string): readonly string[] =>
  GENERATED_TYPE_SUFFIXES.map((suffix) => name + suffix);

/** Filter types of a scalar or an enum. */
export const namesOfLeaf = (name: string): readonly string[] => [`${name}Filter`, `${name}ListFilter`];

/** A list field and what stands beside it. */
export const namesOfList = (name: string): readonly string[] =>
  Object.values(SIBLING_FIELD_SUFFIXES).map((suffix) => name + suffix);

/** Names no author can give to a type. */
export function reservedTypeNames(): readonly string[] {
  return [...FIXED_TYPE_NAMES, ...SCALARS.flatMap(({ name }) => [name, ...namesOfLeaf(name)])];
}

/** Names of types, of which those of scalars and of the root are taken. */
export function typeNameScope(notes: string[]): NameScope {
  return nameScope(reservedTypeNames(), notes);
}
