/** Functions of the database as the author would write them: root fields of queries and mutations. */
import { type Facts, readType, signatureOf } from "../builder/facts.ts";
import { isUsuallyNullable } from "../builder/functions.ts";
import { nameIn } from "../builder/inferred-types.ts";
import type { CatalogFunction } from "../catalog.ts";
import { SIBLING_KINDS, siblingRefusal } from "../function-siblings.ts";
import { SIBLING_FIELD_SUFFIXES } from "../generated-names.ts";
import type { FunctionArgument, Model, OutcomeMutation, QueryField } from "../model.ts";
import { type Code, call, documentation, literal, object, text } from "./code.ts";

type Call = Extract<QueryField, { readonly kind: "function-rows" | "function-value" }>;
type Called = Pick<Call, "name" | "function" | "arguments">;

/** The function a root field calls, told from others of its name by the types of its arguments. */
export function calledFunction(query: Called, facts: Facts): CatalogFunction {
  const wanted = JSON.stringify(query.arguments.map(({ pgType }) => pgType));
  const candidates = facts.functions.get(nameIn(query.function)) ?? [];
  const found = candidates.find((each) => JSON.stringify(each.arguments.map(({ type }) => type)) === wanted);
  if (!found) throw new TypeError(`the root field ${query.name} calls a function the catalog does not have`);
  return found;
}

/** The option that says which function is meant, where several have the name. */
export function signature(called: CatalogFunction, facts: Facts): readonly (readonly [string, Code])[] {
  const isOverloaded = (facts.functions.get(nameIn(called))?.length ?? 0) > 1;
  return isOverloaded ? [["signature", literal(signatureOf(called))]] : [];
}

function argumentsCode(query: Called, found: CatalogFunction): Code | undefined {
  const args = query.arguments.map((argument, index): [string, Code] => {
    const called = found.arguments[index] as (typeof found.arguments)[number];
    const name = called.name === null ? String(index) : text(called.name);
    return [argument.name, argumentCode(argument, name, isUsuallyNullable(called, found))];
  });
  return args.length === 0 ? undefined : object(args);
}

/** The call that makes a mutation of a function. */
export function outcomeCode(mutation: OutcomeMutation, facts: Facts): Code {
  const found = calledFunction(mutation, facts);
  const usual = mutation.entity === undefined ? "payload" : "union";
  const options = object([
    ["call", text(nameIn(mutation.function))],
    ...signature(found, facts),
    ["arguments", argumentsCode(mutation, found)],
    ["entity", mutation.entity === undefined ? undefined : text(mutation.entity)],
    ["result", mutation.result === usual ? undefined : text(mutation.result)],
    ...documentation(mutation, found.comment),
    ["requires", mutation.requires === undefined ? undefined : literal(mutation.requires)],
  ]);
  return call("db.mutation", text(mutation.name), options);
}

/** The call that makes a query of a function. */
export function functionCode(query: Call, model: Model, facts: Facts): Code {
  const found = calledFunction(query, facts);
  const isText = query.kind === "function-value" && query.type === "String" && readType(query.pgType).ref.by === "pg";
  const options = object([
    ["call", text(nameIn(query.function))],
    ...signature(found, facts),
    ["arguments", argumentsCode(query, found)],
    ["type", isText ? text("String") : undefined],
    ["nullable", query.kind === "function-value" && !query.nullable ? "false" : undefined],
    ...siblingOptions(query, model),
    ...documentation(query, found.comment),
    ["requires", query.requires === undefined ? undefined : literal(query.requires)],
  ]);
  return call("db.query", text(query.name), options);
}

/** Named where the name is another than the usual one, `false` where a field that could be there is not. */
function siblingOptions(query: Call, { objects, queries }: Model): readonly (readonly [string, Code | undefined])[] {
  if (query.kind !== "function-rows" || !query.set) return [];
  const keys = objects.find(({ name }) => name === query.type)?.keys ?? [];
  return SIBLING_KINDS.map((as) => {
    const found = queries.find((each) => each.kind === "function-sibling" && each.of === query.name && each.as === as);
    if (!found) return [as, siblingRefusal(as, keys, query.arguments) === undefined ? "false" : undefined];
    return [as, found.name === query.name + SIBLING_FIELD_SUFFIXES[as] ? undefined : text(found.name)];
  });
}

function argumentCode(argument: FunctionArgument, name: Code, usual: boolean): Code {
  const { ref } = readType(argument.pgType);
  const said = object([
    ["type", ref.by === "pg" && argument.type === "String" ? text("String") : undefined],
    ["nullable", argument.nullable === usual ? undefined : String(argument.nullable)],
    ...documentation(argument),
  ]);
  return said.entries.length === 0 ? name : object([["argument", name], ...said.entries]);
}
