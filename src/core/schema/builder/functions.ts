/** Functions of the database as root fields: of queries, and of mutations. */
import { type CatalogArgument, type CatalogFunction, isOptional, isVariadic, type PgType } from "../catalog.ts";
import { SIBLING_KINDS } from "../function-siblings.ts";
import type { SiblingKind } from "../generated-names.ts";
import { givesOutcome } from "../mutations-from-functions.ts";
import { withoutDomains } from "../pg-types.ts";
import type { ScalarName } from "../scalars.ts";
import { type Facts, readType, signatureOf, typeText } from "./facts.ts";
import { narrowed } from "./leaf-types.ts";
import {
  type ArgumentDraft,
  DOCUMENTATION_KEYS,
  type Documentation,
  documented,
  type EnumPart,
  FIELD_KEYS,
  type FieldOptions,
  type FunctionPart,
  fieldSays,
  type InputPart,
  type MutationPart,
  type ObjectPart,
  type SiblingNames,
  type TypeRef,
} from "./parts.ts";
import { callSite, checkKeys, lookUp, refuse } from "./problem.ts";

export type ArgumentOptions<Argument> = Documentation & {
  readonly argument: Argument;
  readonly type?: ScalarName | EnumPart | InputPart;
  readonly nullable?: boolean;
};

export type FunctionOptions<Call extends string, Argument> = FieldOptions & {
  /** The function; its result decides what the root field answers. */
  readonly call: Call;
  /** Name in the API → argument of the function, by name or, where it has none, by position from 0. */
  readonly arguments?: Readonly<Record<string, Argument | ArgumentOptions<Argument>>>;
  /** Types of all its arguments, where several functions have the name and the arguments: `["int4", "text"]`. */
  readonly signature?: readonly string[];
  /** Name of the object for the rows, where several stand over the relation; or a narrower scalar for one value. */
  readonly type?: string;
  /** For one value: false when the function never returns null. */
  readonly nullable?: boolean;
} & SiblingNames;

type AnyFunctionOptions = FunctionOptions<string, string | number>;

/** `query` of the builder. @throws FraiseqlError SCHEMA_INVALID for a function that is not there, is not the only one, or may write */
export function functionPart(facts: Facts, name: string, options: AnyFunctionOptions): FunctionPart {
  checkKeys(options, ["call", "arguments", "signature", "type", "nullable", ...SIBLING_KINDS, ...FIELD_KEYS], name);
  const { found, given } = calledWith(facts, options);
  if (found.volatility === "volatile")
    refuse(
      `function ${options.call} is volatile, and a query may not write; declare it STABLE or IMMUTABLE if it only reads`,
    );
  const siblings = Object.fromEntries(SIBLING_KINDS.map((kind) => [kind, options[kind]])) as SiblingNames;
  const isList = found.returnsSet && found.returns.kind !== "value";
  const said = SIBLING_KINDS.find((kind) => siblings[kind] !== undefined);
  if (said && !isList) refuse(`${name} is no list, so there is no ${said} beside it`);
  // Root fields have names of their own: one may be called as a type is.
  const common = { name, origin: `${name}()`, stack: callSite(), ...fieldSays(options, found.comment) };
  return {
    part: "function",
    ...common,
    function: { schema: found.schema, name: found.name },
    arguments: argumentsOf(found, given),
    returns: returned(found, options),
    siblings,
  };
}

export type MutationFunctionOptions<Call extends string, Argument> = Omit<
  FunctionOptions<Call, Argument>,
  "type" | "nullable" | SiblingKind
> & {
  /** The object that the outcome's `entity` is: a part, or its name where it is written further down. */
  readonly entity?: ObjectPart | string;
  /** `union`, if there is an entity: the object or the error. `payload`: all the outcome says. */
  readonly result?: "union" | "payload";
};

/** `mutation` of the builder. @throws FraiseqlError SCHEMA_INVALID for a function that is not there or gives no outcome */
export function mutationPart(
  facts: Facts,
  name: string,
  options: MutationFunctionOptions<string, string | number>,
): MutationPart {
  checkKeys(options, ["call", "arguments", "signature", "entity", "result", ...FIELD_KEYS], name);
  const { found, given } = calledWith(facts, options);
  if (!givesOutcome(found, facts.catalog))
    refuse(
      `function ${options.call} returns no outcome: it has to return json, jsonb, or a type with \`succeeded\` or \`status\``,
    );
  const { entity, result = entity === undefined ? "payload" : "union" } = options;
  if (result === "union" && entity === undefined) refuse(`${name}: a union needs the entity it may be`);
  return {
    part: "mutation",
    name,
    origin: `${name}() of mutations`,
    stack: callSite(),
    ...fieldSays(options, found.comment),
    function: { schema: found.schema, name: found.name },
    arguments: argumentsOf(found, given),
    ...(entity !== undefined && {
      entity: { by: "name", name: typeof entity === "string" ? entity : entity.origin } as const,
    }),
    result,
  };
}

/** The one function that the options can mean. */
function calledWith(facts: Facts, options: Pick<AnyFunctionOptions, "call" | "arguments" | "signature">) {
  const candidates = lookUp(facts.functions, options.call, "the catalog", "function");
  const given = Object.entries(options.arguments ?? {}).map(([key, said]) => ({
    name: key,
    said: typeof said === "object" ? said : { argument: said },
  }));
  const [found, ...others] = candidates
    .filter((each) => options.signature === undefined || options.signature.join() === signatureOf(each).join())
    .filter((each) =>
      fits(
        each,
        given.map(({ said }) => said.argument),
      ),
    );
  if (!found) return refuse(noCandidate(options.call, candidates));
  if (others.length > 0) {
    const forms = [found, ...others].map((each) => JSON.stringify(signatureOf(each))).join(" or ");
    return refuse(`several functions ${options.call} take these arguments; say which with \`signature\`: ${forms}`);
  }
  return { found, given };
}

function position(called: CatalogFunction, argument: string | number): number {
  return typeof argument === "number" ? argument : called.arguments.findIndex((each) => each.name === argument);
}

function fits(called: CatalogFunction, given: readonly (string | number)[]): boolean {
  const positions = new Set(given.map((argument) => position(called, argument)));
  return (
    positions.size === given.length &&
    [...positions].every((each) => each in called.arguments) &&
    called.arguments.every((argument, index) => isOptional(argument, called) || positions.has(index))
  );
}

function noCandidate(name: string, candidates: readonly CatalogFunction[]): string {
  const forms = candidates.map(
    ({ arguments: list }) => `(${list.map((each, index) => each.name ?? index).join(", ")})`,
  );
  return `function ${name} takes other arguments than those given; it takes ${forms.join(" or ")}`;
}

type Given = { readonly name: string; readonly said: ArgumentOptions<string | number> };

/** In a call positions come before names, so all arguments up to the last unnamed one go by position. */
function argumentsOf(called: CatalogFunction, given: readonly Given[]): readonly ArgumentDraft[] {
  const lastUnnamed = called.arguments.findLastIndex(({ name }) => name === null);
  const ordered = given.toSorted((a, b) => position(called, a.said.argument) - position(called, b.said.argument));
  const missing = called.arguments.findIndex(
    (_, index) => index <= lastUnnamed && !given.some(({ said }) => position(called, said.argument) === index),
  );
  if (missing >= 0)
    refuse(
      `argument ${called.arguments[missing]?.name ?? missing} of function ${called.name} stands before one without a name and must be given`,
    );
  return ordered.map(({ name, said }) => {
    const draft = argumentDraft(called, name, said);
    return position(called, said.argument) <= lastUnnamed ? { ...draft, pgName: null } : draft;
  });
}

function argumentDraft(called: CatalogFunction, name: string, said: ArgumentOptions<string | number>): ArgumentDraft {
  checkKeys(said, ["argument", "type", "nullable", ...DOCUMENTATION_KEYS], `argument ${name}`);
  const argument = called.arguments[position(called, said.argument)] as CatalogFunction["arguments"][number];
  const { ref, list } = readType(argument.type);
  const place = `argument ${name} (${typeText(argument.type)})`;
  const nullable = said.nullable ?? isUsuallyNullable(argument, called);
  return {
    name,
    ...documented(said),
    type: said.type === undefined ? ref : argumentType(ref, list, said.type, place),
    list,
    nullable,
    pgType: argument.type,
    pgName: argument.name,
    ...(argument.variadic && { variadic: true }),
    ...(nullable && !isOptional(argument, called) && { nullWhenLeftOut: true }),
  };
}

/** Whether an argument is nullable where its author says nothing. */
export function isUsuallyNullable(argument: CatalogArgument, called: CatalogFunction): boolean {
  if (isVariadic(called)) return false;
  return argument.hasDefault || !called.strict || withoutDomains(argument.type).kind === "other";
}

/** An input type goes to a function as one JSON value. */
function argumentType(own: TypeRef, list: boolean, wanted: ScalarName | EnumPart | InputPart, place: string): TypeRef {
  if (typeof wanted === "string" || wanted.part === "enum") return narrowed(own, wanted, place);
  const isJson = own.by === "name" && own.name === "JSON" && !list;
  if (!isJson) refuse(`${place} cannot take ${wanted.name}; an input type is given to a function as json or jsonb`);
  return { by: "name", name: wanted.origin };
}

function returned(called: CatalogFunction, options: AnyFunctionOptions): FunctionPart["returns"] {
  const { returns, returnsSet: set } = called;
  const named: TypeRef | undefined = options.type === undefined ? undefined : { by: "name", name: options.type };
  switch (returns.kind) {
    case "rows":
      return { kind: "rows", type: named ?? { by: "relation", relation: returns.relation }, set };
    case "table": {
      const pg = { schema: called.schema, name: called.name };
      return { kind: "rows", type: named ?? { by: "function", pg, signature: signatureOf(called) }, set };
    }
    case "value":
      return returnedValue(returns.type, set, options);
    case "void":
      return refuse(`function ${options.call} returns nothing`);
  }
}

function returnedValue(pgType: PgType, set: boolean, options: AnyFunctionOptions): FunctionPart["returns"] {
  const { call, nullable = true } = options;
  if (set) refuse(`function ${call} returns a set of values; return an array, or rows of a table or view`);
  const { ref, list } = readType(pgType);
  if (ref.by === "pg" && ref.kind !== "enum" && options.type === undefined) {
    refuse(`function ${call} returns a ${ref.kind}, which a root field shows only as text; add \`type: "String"\``);
  }
  const type = options.type === undefined ? ref : narrowed(ref, options.type, `the result of ${call}`);
  return { kind: "value", type, list, nullable, pgType };
}
