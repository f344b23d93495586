/** Functions of FraiseQL's convention, `fn_create_user`, as mutations. */
import type { Catalog, CatalogFunction } from "./catalog.ts";
import type { FunctionArgument, OutcomeMutation } from "./model.ts";
import { camelName, capitalized, pascalName } from "./naming.ts";
import { singular } from "./plural.ts";

/** JSON, or a row of a type with the columns of an outcome. */
export function givesOutcome({ returns, returnsSet }: CatalogFunction, catalog: Catalog): boolean {
  if (returnsSet) return false;
  if (returns.kind === "value") return returns.type.kind === "base" && /^jsonb?$/.test(returns.type.name);
  const columns =
    returns.kind === "table" ? returns.columns : returns.kind === "rows" ? columnsOf(returns.relation, catalog) : [];
  return columns.some(({ name }) => name === "succeeded" || name === "status");
}

function columnsOf({ schema, name }: { readonly schema: string; readonly name: string }, catalog: Catalog) {
  const is = (each: { readonly schema: string; readonly name: string }): boolean =>
    each.schema === schema && each.name === name;
  return catalog.composites.find(is)?.attributes ?? catalog.relations.find(is)?.columns ?? [];
}

/** Of a volatile `fn_` function that gives an outcome. */
export function isMutation(each: CatalogFunction, catalog: Catalog): boolean {
  return each.volatility === "volatile" && /^fn_./.test(each.name) && givesOutcome(each, catalog);
}

/** `CreateUserResult`, or `CreateUserPayload`. */
export const resultName = (mutation: string, result: OutcomeMutation["result"]): string =>
  capitalized(mutation) + (result === "union" ? "Result" : "Payload");

/** `createUser` of `fn_create_user`. */
export const mutationNameOf = ({ name }: CatalogFunction): string => camelName(name.slice(3));

/** `User` of `fn_create_user`, where there is an object of that name. */
function entityOf({ name }: CatalogFunction, objects: ReadonlySet<string>): string | undefined {
  const [, , entity] = /^fn_([^_]+)_(.+)$/.exec(name) ?? [];
  const object = entity === undefined ? undefined : pascalName(singular(entity));
  return object !== undefined && objects.has(object) ? object : undefined;
}

/**
 * The mutation over a function: a union where its entity is known by its name and it does not take that away.
 *
 * @param objects names of the objects with rows
 */
export function outcomeMutation(
  each: CatalogFunction,
  name: string,
  list: readonly FunctionArgument[],
  objects: ReadonlySet<string>,
): OutcomeMutation {
  const entity = entityOf(each, objects);
  const result = entity === undefined || /^fn_(delete|remove)_/.test(each.name) ? "payload" : "union";
  return {
    name,
    ...(each.comment !== undefined && { description: each.comment }),
    kind: "function",
    result,
    type: resultName(name, result),
    ...(entity !== undefined && { entity }),
    function: { schema: each.schema, name: each.name },
    arguments: list,
  };
}
