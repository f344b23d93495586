/** From the functions of a description to root fields of the model. */
import { SIBLING_KINDS, siblingRefusal } from "../function-siblings.ts";
import { SIBLING_FIELD_SUFFIXES } from "../generated-names.ts";
import type { FunctionArgument, ObjectType, OutcomeMutation, QueryField } from "../model.ts";
import { resultName } from "../mutations-from-functions.ts";
import { type FunctionPart, type MutationPart, said } from "./parts.ts";
import type { References } from "./references.ts";

type RowsQuery = Extract<QueryField, { readonly kind: "function-rows" }>;
type Sibling = Extract<QueryField, { readonly kind: "function-sibling" }>;

function argumentsOf(part: FunctionPart | MutationPart, references: References): readonly FunctionArgument[] {
  return part.arguments.flatMap((argument): FunctionArgument[] => {
    const type = references.find(argument.type, `${part.name}(${argument.name})`, part.stack);
    if (!type) return [];
    const { list, nullable, pgType, pgName, variadic, nullWhenLeftOut } = argument;
    const special = { ...(variadic && { variadic }), ...(nullWhenLeftOut && { nullWhenLeftOut }) };
    return [{ ...said(argument), type: type.name, list, nullable, pgType, pgName, ...special }];
  });
}

/** The mutation a function is; none where its entity is not there. */
export function outcomeOf(part: MutationPart, references: References): readonly OutcomeMutation[] {
  const entity = part.entity && references.find(part.entity, part.name, part.stack);
  if (part.entity && !entity) return [];
  return [
    {
      ...said(part),
      ...(part.requires ? { requires: part.requires } : {}),
      kind: "function",
      result: part.result,
      type: resultName(part.name, part.result),
      ...(entity && { entity: entity.name }),
      function: part.function,
      arguments: argumentsOf(part, references),
    },
  ];
}

/** The root field of a function and those beside it; none where the type it returns is not there. */
export function queriesOfFunction(
  part: FunctionPart,
  objects: readonly ObjectType[],
  references: References,
): readonly QueryField[] {
  const { returns } = part;
  if (references.isOmitted(returns.type)) return [];
  const type = references.find(returns.type, part.name, part.stack);
  if (!type) return [];
  const common = {
    ...said(part),
    ...(part.requires ? { requires: part.requires } : {}),
    type: type.name,
    function: part.function,
    arguments: argumentsOf(part, references),
  };
  if (returns.kind === "value") {
    const { list, nullable, pgType } = returns;
    return [{ ...common, kind: "function-value", list, nullable, pgType }];
  }
  const query: RowsQuery = { ...common, kind: "function-rows", set: returns.set };
  const object = objects.find(({ name }) => name === type.name);
  return [query, ...(object && returns.set ? siblingsOf(query, object, part, references) : [])];
}

/** Under the usual name where the part says nothing, so far as there can be such a field. */
function siblingsOf(
  { name: of, type, requires, arguments: list }: RowsQuery,
  { keys }: ObjectType,
  part: FunctionPart,
  references: References,
): readonly Sibling[] {
  return SIBLING_KINDS.flatMap((as): readonly Sibling[] => {
    const wanted = part.siblings[as];
    const refusal = siblingRefusal(as, keys, list);
    if (typeof wanted === "string" && refusal !== undefined)
      references.problems.push({ message: `${of} can have no ${as}: ${refusal}`, stack: part.stack });
    if (wanted === false || refusal !== undefined) return [];
    const name = wanted ?? of + SIBLING_FIELD_SUFFIXES[as];
    // What may not be selected in one form may not be selected in another.
    return [{ name, ...(requires ? { requires } : {}), kind: "function-sibling", as, type, of }];
  });
}
