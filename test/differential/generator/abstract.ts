/** Selections on rows of several types, and arguments of functions. */
import {
  type GraphQLAbstractType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInterfaceType,
  isObjectType,
} from "graphql";
import type { FunctionArgument } from "../../../src/core/schema/model.ts";
import { type Draft, given } from "./draft.ts";
import { enumName, type Given } from "./input-text.ts";

type Select = (type: GraphQLObjectType) => string;

/** Fields of the interface itself, and fragments on some of the members; `select` gives the inside of an object. */
export function memberSelections(
  draft: Draft,
  type: GraphQLAbstractType,
  select: { readonly inner: Select; readonly aliased: Select },
): string {
  const { choices, schema } = draft;
  const selections = ["__typename"];
  if (isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      if (!choices.chance(45)) continue;
      const named = getNamedType(field.type);
      selections.push(isObjectType(named) ? `${field.name} { ${select.inner(named)} }` : field.name);
    }
  }
  for (const member of schema.getPossibleTypes(type)) {
    if (!choices.chance(55)) continue;
    const fragment = `... on ${member.name} { ${select.aliased(member)} }`;
    const [shared] = member.getInterfaces();
    selections.push(shared && choices.chance(25) ? `... on ${shared.name} { ${fragment} }` : fragment);
  }
  return selections.join(" ");
}

const TEXTS = ["you", "Person C", "Person Q", "nobody", 'O"x'];
const TIMES = ["2024-01-05T00:00:00Z", "2024-01-20T12:00:00+02:00", "2030-01-01T00:00:00Z"];

/** Values for the arguments of a function; one that has a default is often left out. */
export function callArguments(
  draft: Draft,
  list: readonly FunctionArgument[],
  types: ReadonlyMap<string, string>,
): Record<string, Given | undefined> {
  const { choices, schema } = draft;
  const valueFor = (name: string): Given => {
    const type = schema.getType(name);
    if (isEnumType(type)) return enumName(choices.one(type.getValues()).name);
    switch (name) {
      case "Int":
        return choices.below(9);
      case "Boolean":
        return choices.chance(50);
      case "Decimal":
        return String(choices.below(40) * 1000);
      case "DateTime":
        return choices.one(TIMES);
      default:
        return choices.one(TEXTS);
    }
  };
  return Object.fromEntries(
    list.map((argument) => {
      const written = types.get(argument.name) ?? argument.type;
      const isOptional = !written.endsWith("!");
      if (isOptional && choices.chance(40)) return [argument.name, undefined];
      return [argument.name, given(draft, written, () => valueFor(argument.type))];
    }),
  );
}
