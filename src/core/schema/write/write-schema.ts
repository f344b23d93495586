/**
 * `schema.ts` and the files beside it, from a model and its catalog.
 *
 * Three files, so that a second run can write without taking anything away: the catalog constant and the description
 * are the program's and written each time; `schema.ts` is the author's and written once.
 */
import { type Facts, factsOf } from "../builder/facts.ts";
import { nameIn } from "../builder/inferred-types.ts";
import type { Catalog, PgType, QualifiedName } from "../catalog.ts";
import type { EnumType, Model, ObjectType } from "../model.ts";
import { withoutDomains } from "../pg-types.ts";
import { type Code, call, documentation, list, literal, object, print, text } from "./code.ts";
import { type FieldContext, fieldsCode } from "./fields.ts";
import { calledFunction, functionCode, outcomeCode, signature } from "./functions.ts";
import { keyOptions, mutationOption, queryOptions } from "./queries.ts";

export type WrittenSchema = {
  /** The catalog as a constant. */
  readonly catalog: string;
  /** Every type the database gives by itself. */
  readonly generated: string;
  /** The author's file, as it begins. */
  readonly authored: string;
};

export type SchemaFileNames = {
  /** How the files import each other and the builder: `./schema.catalog.ts`, `./schema.generated.ts`, `fraiseql`. */
  readonly catalog: string;
  readonly generated: string;
  readonly builder: string;
};

/** The modules whose schema compiles to this model over this catalog. */
export function writeSchema(whole: Model, catalog: Catalog, files: SchemaFileNames): WrittenSchema {
  const model = withoutUnused(whole);
  const parts = partsCode(model, catalog);
  const names = [...parts.map(({ constant }) => constant)];
  const inOrder = [...model.enums, ...model.objects].map(({ name }) => constantName(name));
  const ordered = [...inOrder, ...names.filter((name) => !inOrder.includes(name))];
  return {
    catalog: [
      `import type { Catalog } from ${JSON.stringify(files.builder)};`,
      "",
      `export const catalog = ${print(literal(catalog), 0, 23, 29)} as const satisfies Catalog;`,
      "",
    ].join("\n"),
    generated: [
      `import { database } from ${JSON.stringify(files.builder)};`,
      `import { catalog } from ${JSON.stringify(files.catalog)};`,
      "",
      "export const db = database(catalog);",
      "",
      ...parts.flatMap(({ constant, code }) => [declaration(constant, code), ""]),
      `export const generated = ${print(list(ordered), 0, 25, 1)};`,
      "",
    ].join("\n"),
    authored: authoredFile(model, files),
  };
}

/** Objects that are values and that nothing holds cannot be reached in the API. */
export function withoutUnused(model: Model): Model {
  const held = new Set([...model.objects.flatMap(({ fields }) => fields), ...model.queries].map(({ type }) => type));
  const objects = model.objects.filter(({ name, source }) => source.kind !== "value" || held.has(name));
  return objects.length === model.objects.length ? model : withoutUnused({ ...model, objects });
}

function declaration(constant: string, code: Code): string {
  const lead = `export const ${constant} = `;
  return `${lead}${print(code, 0, lead.length, 1)};`;
}

const TAKEN_CONSTANTS = new Set(["database", "catalog", "db", "generated"]);
const constantName = (name: string): string => (TAKEN_CONSTANTS.has(name) ? `${name}_` : name);

type PartCode = { readonly constant: string; readonly code: Code };

function partsCode(model: Model, catalog: Catalog): readonly PartCode[] {
  const facts = factsOf(catalog);
  const declared = new Set(model.enums.map(({ name }) => name));
  const parts: PartCode[] = model.enums.map((each) => ({
    constant: constantName(each.name),
    code: enumCode(each, facts),
  }));
  const relations = new Map(
    model.objects.flatMap(({ name, source }) =>
      source.kind === "value" ? [] : [[nameIn(source.relation), name] as const],
    ),
  );
  const context = {
    facts,
    // A document may hold an object that is written further down, or itself.
    typeCode: (name: string): Code => (declared.has(name) ? constantName(name) : object([["named", text(name)]])),
    typeOfRelation: (relation: QualifiedName) => relations.get(nameIn(relation)),
  };
  const values = model.objects.filter(({ source }) => source.kind === "value").toReversed();
  for (const each of [...values, ...model.objects.filter(({ source }) => source.kind !== "value")]) {
    parts.push({ constant: constantName(each.name), code: objectCode(each, model, context) });
    declared.add(each.name);
  }
  for (const query of model.queries) {
    if (query.kind !== "function-rows" && query.kind !== "function-value") continue;
    parts.push({ constant: callConstant(query.name, parts), code: functionCode(query, model, facts) });
  }
  for (const mutation of model.mutations ?? []) {
    if (mutation.kind !== "function") continue;
    parts.push({ constant: callConstant(mutation.name, parts, "Mutation"), code: outcomeCode(mutation, facts) });
  }
  return parts;
}

/** Root fields and types share the names of one file. */
function callConstant(name: string, parts: readonly PartCode[], root = "Query"): string {
  const wanted = constantName(`${name}${root}`);
  return parts.some(({ constant }) => constant === wanted) ? `${wanted}_` : wanted;
}

function enumCode(type: EnumType, facts: Facts): Code {
  const values = type.values.map(({ name, label, description, deprecated }): [string, Code] => {
    const long = description !== undefined || deprecated !== undefined;
    return [name, long ? object([["label", text(label)], ...documentation({ description, deprecated })]) : text(label)];
  });
  const comment = type.pg && facts.enums.get(nameIn(type.pg))?.comment;
  const options = object([
    ["from", type.pg && text(nameIn(type.pg))],
    ...documentation(type, comment),
    ["values", object(values)],
  ]);
  return call(type.pg ? "db.enum" : "db.textEnum", text(type.name), options);
}

function objectCode(
  type: ObjectType,
  model: Model,
  shared: Pick<FieldContext, "facts" | "typeCode" | "typeOfRelation">,
): Code {
  const { facts } = shared;
  if (type.source.kind === "value") return valueCode(type, model, shared);
  const { source } = type;
  const relation = facts.relations.get(nameIn(source.relation));
  if (!relation)
    throw new TypeError(`${type.name} stands over ${nameIn(source.relation)}, which the catalog does not have`);
  const options = object([
    ["from", text(nameIn(source.relation))],
    ["column", source.kind === "document" && source.column !== "data" ? text(source.column) : undefined],
    ...keyOptions(type, relation),
    ...queryOptions(type, model.queries),
    ["mutations", mutationOption(type, model.mutations ?? [])],
    ...documentation(type, relation.comment),
  ]);
  const context = { ...shared, owner: type.name, columns: relation.columns, relation };
  return call(
    source.kind === "document" ? "db.document" : "db.table",
    text(type.name),
    options,
    fieldsCode(type.fields, context),
  );
}

/** What a value object stands for is found at the places that hold it. */
function valueCode(
  type: ObjectType,
  model: Model,
  shared: Pick<FieldContext, "facts" | "typeCode" | "typeOfRelation">,
): Code {
  const { facts } = shared;
  const held = model.objects
    .flatMap(({ fields }) => fields)
    .find((field) => field.kind === "embedded" && field.type === type.name);
  const pg = held?.kind === "embedded" ? innerType(held.value.type) : undefined;
  if (pg?.kind === "range") {
    const context = { ...shared, owner: type.name, columns: [] };
    return call(
      "db.range",
      text(type.name),
      object([["from", text(nameIn(pg))], ...documentation(type)]),
      fieldsCode(type.fields, context),
    );
  }
  const called = model.queries.find((query) => query.kind === "function-rows" && query.type === type.name);
  const found = called?.kind === "function-rows" ? calledFunction(called, facts) : undefined;
  if (found?.returns.kind === "table") {
    const context = { ...shared, owner: type.name, columns: found.returns.columns };
    const options = object([["from", text(nameIn(found))], ...signature(found, facts), ...documentation(type)]);
    return call("db.returned", text(type.name), options, fieldsCode(type.fields, context));
  }
  const rows = found?.returns.kind === "rows" ? nameIn(found.returns.relation) : "";
  const composite = facts.composites.get(pg?.kind === "composite" ? nameIn(pg) : rows);
  if (composite) {
    const context = { ...shared, owner: type.name, columns: composite.attributes };
    const comment = facts.catalog.composites.find((each) => nameIn(each) === nameIn(composite))?.comment;
    return call(
      "db.composite",
      text(type.name),
      object([["from", text(nameIn(composite))], ...documentation(type, comment)]),
      fieldsCode(type.fields, context),
    );
  }
  return call(
    "db.json",
    text(type.name),
    object(documentation(type)),
    fieldsCode(type.fields, { ...shared, owner: type.name, columns: [] }),
  );
}

function innerType(type: PgType): PgType {
  const outer = withoutDomains(type);
  return outer.kind === "array" ? withoutDomains(outer.element) : outer;
}

function authoredFile(model: Model, files: SchemaFileNames): string {
  const example = model.objects.find(({ source }) => source.kind !== "value");
  const name = constantName(example?.name ?? "Film");
  const field = example?.fields[0]?.name ?? "title";
  return [
    `import { db, generated } from ${JSON.stringify(files.generated)};`,
    "",
    "/**",
    " * The API. This file is yours; the one it imports is written from the database by `fraiseql introspect`, each time",
    " * anew. What shall be different goes here, as further arguments, for example:",
    " *",
    ` *   db.change(${name}, { fields: { ${field}: { description: "…" } } }),`,
    ` *   db.omit(${name}),`,
    " */",
    "export const schema = db.schema(generated);",
    "",
  ].join("\n");
}
