/** Functions that only read, as root fields; those that take a row and nothing else, as fields of its object. */
import { type CatalogFunction, isOptional, type PgType, qualifiedKey } from "../catalog.ts";
import { argumentInTheWay, SIBLING_KINDS, siblingRefusal } from "../function-siblings.ts";
import { SIBLING_FIELD_SUFFIXES } from "../generated-names.ts";
import type { FunctionArgument, ObjectType, QueryField } from "../model.ts";
import { camelName, capitalized, pascalName } from "../naming.ts";
import type { Draft } from "./drafts.ts";
import { type NameScope, nameScope } from "./name-scope.ts";
import { namesOfObject } from "./type-names.ts";
import { columnFields, type ValueTypes, valueField, valueObject } from "./value-types.ts";

export type FunctionContext = {
  /** All but those that are mutations. */
  readonly functions: readonly CatalogFunction[];
  readonly drafts: readonly Draft[];
  readonly values: ValueTypes;
  readonly typeNames: NameScope;
  readonly rootNames: NameScope;
  readonly notes: string[];
};

type Made = { readonly queries: readonly QueryField[]; readonly objects: readonly ObjectType[] };

/** Adds computed fields to the drafts and gives the root fields, with objects for the tables functions return. */
export function readFunctions(context: FunctionContext): Made {
  const drafts = new Map(context.drafts.map((draft) => [qualifiedKey(draft.relation), draft]));
  const queries: QueryField[] = [];
  const objects: ObjectType[] = [];
  for (const each of context.functions) {
    const row = each.arguments.length === 1 ? rowOf(each.arguments[0]?.type, drafts) : undefined;
    const problem =
      noReading(each) ??
      (row ? addComputedField(row, each, context) : addQuery(each, context, drafts, queries, objects));
    if (problem) context.notes.push(`Function ${each.schema}.${each.name} is left out: ${problem}.`);
  }
  return { queries: queries.flatMap((query) => [query, ...siblingsOf(query, context)]), objects };
}

/** Their names are claimed behind those of all functions, which keep theirs. */
function siblingsOf(query: QueryField, { drafts, rootNames, notes }: FunctionContext): readonly QueryField[] {
  if (query.kind !== "function-rows" || !query.set) return [];
  const { name: of, type, arguments: list } = query;
  const keys = drafts.find((draft) => draft.name === type)?.keys ?? [];
  return SIBLING_KINDS.flatMap((as): readonly QueryField[] => {
    const taken = argumentInTheWay(as, list);
    if (taken !== undefined)
      notes.push(`Query ${of} has no ${as}: its argument ${taken} has the name of one of the ${as} itself.`);
    if (siblingRefusal(as, keys, list) !== undefined) return [];
    const usual = of + SIBLING_FIELD_SUFFIXES[as];
    return [{ name: rootNames.claim([usual], `Query ${usual}`), kind: "function-sibling", as, type, of }];
  });
}

/** Why a function is not one that only reads. */
function noReading({ volatility, returns }: CatalogFunction): string | undefined {
  if (returns.kind === "void") return "it returns nothing";
  return volatility === "volatile"
    ? "it is volatile and no mutation; declare it STABLE or IMMUTABLE if it only reads"
    : undefined;
}

const rowOf = (type: PgType | undefined, drafts: ReadonlyMap<string, Draft>): Draft | undefined =>
  type?.kind === "composite" ? drafts.get(qualifiedKey(type)) : undefined;

function addComputedField(draft: Draft, each: CatalogFunction, { values, notes }: FunctionContext): string | undefined {
  if (each.returnsSet || each.returns.kind === "table") return "a field computed from a row has one value";
  const type: PgType =
    each.returns.kind === "rows"
      ? { kind: "composite", ...each.returns.relation }
      : (each.returns as { type: PgType }).type;
  const shape = values.shapeOf(type);
  const table = `${draft.relation.name}_`;
  const plain =
    each.name.startsWith(table) && each.name.length > table.length ? each.name.slice(table.length) : each.name;
  const name = draft.scope.claim(
    [camelName(plain), camelName(each.name)],
    `Function ${each.schema}.${each.name} on ${draft.name}`,
  );
  notes.push(`Function ${each.schema}.${each.name} is the field ${draft.name}.${name}.`);
  draft.fields.push(
    valueField(
      name,
      shape,
      { from: "function", function: { schema: each.schema, name: each.name }, type },
      true,
      each.comment,
    ),
  );
  return undefined;
}

function addQuery(
  each: CatalogFunction,
  context: FunctionContext,
  drafts: ReadonlyMap<string, Draft>,
  queries: QueryField[],
  objects: ObjectType[],
): string | undefined {
  const { returns, returnsSet: set } = each;
  const { schema, name: pgName } = each;
  if (each.arguments.some(({ type }) => context.values.shapeOf(type).kind === "embedded"))
    return "an argument is a composite or a range";
  if (returns.kind === "value") {
    const shape = context.values.shapeOf(returns.type);
    if (set) return "it returns a set of bare values; let it return a table";
    if (shape.kind === "embedded") return "it returns a range";
    queries.push({
      ...rootField(each, false, context),
      kind: "function-value",
      type: shape.type,
      list: shape.list,
      nullable: true,
      function: { schema, name: pgName },
      pgType: returns.type,
    });
    return undefined;
  }
  const type = rowsType(each, context, drafts, objects);
  if (!type) return "the rows it returns have no columns that can be shown";
  queries.push({
    ...rootField(each, set, context),
    kind: "function-rows",
    type,
    function: { schema, name: pgName },
    set,
  });
  return undefined;
}

function rowsType(
  each: CatalogFunction,
  { values, typeNames, notes }: FunctionContext,
  drafts: ReadonlyMap<string, Draft>,
  objects: ObjectType[],
): string | undefined {
  if (each.returns.kind === "rows") {
    const { relation } = each.returns;
    const draft = drafts.get(qualifiedKey(relation));
    if (draft) return draft.name;
    const shape = values.shapeOf({ kind: "composite", ...relation });
    return shape.kind === "embedded" ? shape.type : undefined;
  }
  if (each.returns.kind !== "table") return undefined;
  const what = `Rows of function ${each.schema}.${each.name}`;
  const name = typeNames.claim(
    [`${pascalName(withoutPrefix(each.name))}Row`, pascalName(`${each.schema}_${each.name}_row`)],
    what,
    namesOfObject,
  );
  objects.push(valueObject(name, columnFields(each.returns.columns, values, what, notes).fields));
  return name;
}

/** Reading functions may be called `fn_` as the writing ones are. */
const withoutPrefix = (name: string): string => (/^fn_./.test(name) ? name.slice(3) : name);

function rootField(
  each: CatalogFunction,
  set: boolean,
  context: FunctionContext,
): { name: string; description?: string; arguments: readonly FunctionArgument[] } {
  const plain = camelName(withoutPrefix(each.name));
  const args = functionArguments(each, set, context);
  const byArguments = args.length > 0 ? [`${plain}By${args.map(({ name }) => capitalized(name)).join("And")}`] : [];
  const candidates = [plain, ...byArguments, camelName(`${each.schema}_${each.name}`)];
  const name = context.rootNames.claim(candidates, `Function ${each.schema}.${each.name}`);
  return { name, ...(each.comment !== undefined && { description: each.comment }), arguments: args };
}

/** In a call positions come before names, so all arguments up to the last unnamed one go by position. */
export function functionArguments(
  each: CatalogFunction,
  set: boolean,
  { values, notes }: Pick<FunctionContext, "values" | "notes">,
): readonly FunctionArgument[] {
  const lastUnnamed = each.arguments.findLastIndex(({ name }) => name === null);
  const scope = nameScope(set ? ["where", "orderBy", "limit", "offset"] : [], notes);
  return each.arguments.map((argument, index) => {
    const [, plain] = /^(?:p_|_|in_)(.+)$/.exec(argument.name ?? "") ?? [];
    const names = [...(plain ? [camelName(plain)] : []), camelName(argument.name ?? `arg${index + 1}`)];
    const shape = values.shapeOf(argument.type);
    return {
      name: scope.claim(names, `Argument ${argument.name ?? index + 1} of function ${each.schema}.${each.name}`),
      type: shape.type,
      list: shape.list,
      // One without a default has to be there in a call, so it is asked for.
      nullable: isOptional(argument, each),
      pgType: argument.type,
      pgName: index <= lastUnnamed ? null : argument.name,
      ...(argument.variadic && { variadic: true }),
    };
  });
}
