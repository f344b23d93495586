/**
 * The builder: how `schema.ts` describes an API over a database. With the catalog constant that `fraiseql introspect`
 * writes, wrong relations, columns, labels and return types are errors in the editor.
 *
 * @example
 * const db = database(catalog);
 * const Film = db.table("Film", { from: "film", one: "film", list: "films" }, (f) => ({
 *   filmId: f.column("film_id"),
 *   title: f.column("title"),
 *   label: f.expression("String")`${"title"} || ' (' || ${"release_year"} || ')'`,
 *   language: f.one("language", { language_id: "language_id" }),
 * }));
 * export const schema = db.schema([Film, Language]);
 */

import type { Catalog } from "../catalog.ts";
import type { Model } from "../model.ts";
import { type EnumValues, enumPart, inputPart, interfacePart, type PlainFieldMaker, unionPart } from "./abstract.ts";
import { changeEnum, changeObject, type EnumChange, type ObjectChange } from "./change.ts";
import { checkModel } from "./check-model.ts";
import { type Facts, factsOf } from "./facts.ts";
import { type FunctionOptions, functionPart, type MutationFunctionOptions, mutationPart } from "./functions.ts";
import {
  type ArgumentName,
  type At,
  type CompositeName,
  type CompositesOf,
  type EnumName,
  type FunctionName,
  type FunctionsOf,
  type LabelOf,
  nameIn,
  type RangeName,
  type RelationName,
  type RelationOf,
  type ReturnedTable,
} from "./inferred-types.ts";
import { modelOfParts } from "./model-of-parts.ts";
import { type DocumentFields, documentPart, type Owed, type TableOptions, tablePart } from "./objects.ts";
import type {
  Documentation,
  EnumPart,
  FieldParts,
  FunctionPart,
  InputPart,
  InterfacePart,
  MutationPart,
  ObjectPart,
  OmitPart,
  PlainFields,
  QueryOptions,
  SchemaPart,
  UnionPart,
} from "./parts.ts";
import { callSite, lookUp, refuse } from "./problem.ts";
import { type RowFields, rowFields } from "./row-fields.ts";
import { type CompositeFields, type JsonFields, jsonFields, type RangeFields } from "./value-fields.ts";
import { compositePart, jsonPart, rangePart, returnedPart } from "./values.ts";

/** What `schema.ts` exports as `schema`: the finished description of an API. */
export type Schema = { readonly model: Model; readonly catalog: Catalog };

export type SchemaBuilder<C extends Catalog> = {
  /** An object whose fields are columns of a table or view. */
  table<
    const Name extends string,
    const From extends RelationName<C>,
    Fields extends FieldParts,
    const I extends readonly InterfacePart[] = readonly [],
  >(
    name: Name,
    options: TableOptions<C, From, I>,
    fields: (f: RowFields<C, RelationOf<C, From>>) => Fields & Owed<I>,
  ): ObjectPart<Name, From, Fields>;
  /** An object whose fields are keys of the view's JSON column `data`. */
  document<
    const Name extends string,
    const From extends RelationName<C>,
    Fields extends FieldParts,
    const I extends readonly InterfacePart[] = readonly [],
  >(
    name: Name,
    options: TableOptions<C, From, I> & { readonly column?: string },
    fields: (d: DocumentFields<C, RelationOf<C, From>>) => Fields & Owed<I>,
  ): ObjectPart<Name, From, Fields>;
  /** An object inside a document. */
  json<const Name extends string, Fields extends FieldParts>(
    name: Name,
    options: Documentation,
    fields: (d: JsonFields) => Fields,
  ): ObjectPart<Name, never, Fields>;
  /** The object for a composite type. */
  composite<const Name extends string, const From extends CompositeName<C>, Fields extends FieldParts>(
    name: Name,
    options: Documentation & { readonly from: From },
    fields: (f: CompositeFields<At<CompositesOf<C>, From>>) => Fields,
  ): ObjectPart<Name, never, Fields>;
  /** The object for the rows of a function that returns a table of its own. */
  returned<const Name extends string, const From extends FunctionName<C>, Fields extends FieldParts>(
    name: Name,
    options: Documentation & { readonly from: From; readonly signature?: readonly string[] },
    fields: (f: CompositeFields<ReturnedTable<At<FunctionsOf<C>, From>>>) => Fields,
  ): ObjectPart<Name, never, Fields>;
  /** The object for a range type. */
  range<const Name extends string, const From extends RangeName<C>, Fields extends FieldParts>(
    name: Name,
    options: Documentation & { readonly from: From },
    fields: (r: RangeFields) => Fields,
  ): ObjectPart<Name, never, Fields>;
  /** The enum for a PostgreSQL enum. */
  enum<const Name extends string, const From extends EnumName<C>>(
    name: Name,
    options: Documentation & { readonly from: From; readonly values: EnumValues<LabelOf<C, From>> },
  ): EnumPart<Name>;
  /** An enum over text. */
  textEnum<const Name extends string>(
    name: Name,
    options: Documentation & { readonly values: EnumValues<string> },
  ): EnumPart<Name>;
  /** Fields that objects which implement it promise to have; `list` names a root field with the rows of all of them. */
  interface<const Name extends string, const Fields extends PlainFields>(
    name: Name,
    options: Documentation & { readonly list?: string | QueryOptions },
    fields: (i: PlainFieldMaker) => Fields,
  ): InterfacePart<Name, Fields>;
  /** One of several objects; `list` names a root field with the rows of all of them. */
  union<const Name extends string>(
    name: Name,
    members: readonly ObjectPart[],
    options?: Documentation & { readonly list?: string | QueryOptions },
  ): UnionPart<Name>;
  /** An object that arguments take. */
  input<const Name extends string>(
    name: Name,
    options: Documentation,
    fields: (i: PlainFieldMaker) => PlainFields,
  ): InputPart<Name>;
  /** A function as a root field of the query type. */
  query<const Name extends string, const Call extends FunctionName<C>>(
    name: Name,
    options: FunctionOptions<Call, ArgumentName<C, Call>>,
  ): FunctionPart<Name>;
  /** A function that answers with FraiseQL's outcome as a root field of mutations. */
  mutation<const Name extends string, const Call extends FunctionName<C>>(
    name: Name,
    options: MutationFunctionOptions<Call, ArgumentName<C, Call>>,
  ): MutationPart<Name>;
  /** A changed copy of a part that stands elsewhere, with fields added by `add`. It takes the place of the first. */
  change<P extends ObjectPart>(
    part: P,
    change: ObjectChange<P>,
    add?: (f: P extends ObjectPart<string, infer From> ? DocumentFields<C, RelationOf<C, From>> : never) => FieldParts,
  ): ObjectPart;
  /** A changed copy of an enum; its labels stay. */
  changeEnum(part: EnumPart, change: EnumChange): EnumPart;
  /** Leaves a part out, and with it every relation that leads to it. */
  omit(part: SchemaPart): OmitPart;
  /** The finished schema. A later change or omission of a part counts. */
  schema(...parts: readonly (SchemaPart | readonly SchemaPart[])[]): Schema;
};

/**
 * The builder over a catalog.
 *
 * @param catalog the constant that `fraiseql introspect` writes; its literal types are what the compiler checks against
 * @throws FraiseqlError `SCHEMA_INVALID`, from every function of the builder, with the line that is to blame
 */
export function database<const C extends Catalog>(catalog: C): SchemaBuilder<C> {
  const facts = factsOf(catalog);
  const builder = {
    table: tablePart.bind(null, facts),
    document: documentPart.bind(null, facts),
    json: jsonPart,
    composite: compositePart.bind(null, facts),
    returned: returnedPart.bind(null, facts),
    range: rangePart.bind(null, facts),
    enum: enumPart.bind(null, facts),
    textEnum: enumPart.bind(null, facts),
    interface: interfacePart,
    union: (name: string, members: readonly ObjectPart[], options = {}) => unionPart(name, members, options),
    input: inputPart,
    query: functionPart.bind(null, facts),
    mutation: mutationPart.bind(null, facts),
    change: (
      part: ObjectPart,
      change: ObjectChange<ObjectPart>,
      add?: (f: DocumentFields<C, never>) => FieldParts,
    ): ObjectPart => {
      checkPart(part, "db.change");
      return changeObject(part, change, add?.(fieldsOver(facts, part)) ?? {});
    },
    changeEnum,
    omit: (part: SchemaPart): OmitPart => {
      checkPart(part, "db.omit");
      return { part: "omit", name: part.name, origin: part.origin, stack: callSite() };
    },
    schema: (...parts: readonly (SchemaPart | readonly SchemaPart[])[]): Schema => {
      const all = parts.flat() as SchemaPart[];
      for (const part of all) checkPart(part, "db.schema");
      const model = modelOfParts(all);
      checkModel(model, all);
      return { model, catalog };
    },
  };
  return builder as unknown as SchemaBuilder<C>;
}

/** A part that is none is most likely a name that the imported file does not have. */
function checkPart(part: unknown, place: string): void {
  const isPart = typeof part === "object" && part !== null && "part" in part && "origin" in part;
  if (!isPart)
    refuse(`${place} was given ${part === undefined ? "undefined" : "something"} that is no part of a schema`);
}

function fieldsOver<C extends Catalog>(facts: Facts, part: ObjectPart): DocumentFields<C, never> {
  const { source } = part;
  if (!("relation" in source)) {
    if (source.kind === "json") return jsonFields(part.name) as DocumentFields<C, never>;
    return refuse(`${part.name} is a ${source.kind} of the database; no fields can be added to it`);
  }
  const relation = lookUp(facts.relations, nameIn(source.relation), "the catalog", "relation");
  const fields = rowFields<C, never>(facts, relation);
  return (source.kind === "document" ? { ...fields, ...jsonFields(part.name) } : fields) as DocumentFields<C, never>;
}
