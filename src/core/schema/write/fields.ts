/**
 * Fields of a model as calls of the builder. What the builder would do by itself is asked of the builder, so only what
 * differs is written.
 */
import { type Facts, readType } from "../builder/facts.ts";
import { type JoinColumns, nameIn, type RelationName } from "../builder/inferred-types.ts";
import type { FieldDraft } from "../builder/parts.ts";
import { columnField, rowFields } from "../builder/row-fields.ts";
import { jsonFields, type RangePart, rangeFields } from "../builder/value-fields.ts";
import type { Catalog, CatalogColumn, CatalogRelation, PgType } from "../catalog.ts";
import type { Field, RelationField } from "../model.ts";
import { isScalar, type ScalarName } from "../scalars.ts";
import { type Code, call, literal, object, text } from "./code.ts";

/** What the writer knows while it writes one object. */
export type FieldContext = {
  readonly facts: Facts;
  readonly owner: string;
  /** Columns of the relation, attributes of the composite, or columns of the table a function returns. */
  readonly columns: readonly CatalogColumn[];
  readonly relation?: CatalogRelation;
  /** Code for a type of the schema that a field names: its constant, or its name where it stands further down. */
  readonly typeCode: (name: string) => Code;
  readonly typeOfRelation: (relation: { readonly schema: string; readonly name: string }) => string | undefined;
};

function fieldCode(field: Field, context: FieldContext): Code {
  if (field.kind === "relation") return relationCode(field, context);
  const { value } = field;
  switch (value.from) {
    case "column": {
      const { draft } = columnField(context.columns, context.owner, value.column);
      return call("f.column", text(value.column), options(field, draft, narrowerType(field, value.type, context)));
    }
    case "document": {
      const named = isScalar(field.type);
      const type = named ? (field.type as ScalarName) : { named: field.type };
      const { draft } = jsonFields(context.owner).key(value.key, type, { list: field.list });
      const usual = draft.kind === "value" ? draft.value.type : undefined;
      const extra: Extra = [
        ["list", field.list ? "true" : undefined],
        ["pg", same(usual, value.type) || (!named && field.kind === "scalar") ? undefined : literal(value.type)],
      ];
      return call(
        "f.key",
        text(value.key),
        named ? text(field.type) : context.typeCode(field.type),
        options(field, draft, extra),
      );
    }
    case "range": {
      const { draft } = rangeFields(value.type).bound(value.part as RangePart);
      return call("f.bound", text(value.part), options(field, draft));
    }
    case "function": {
      const { draft } = rowFields<Catalog, unknown>(context.facts, context.relation as CatalogRelation).call(
        nameIn(value.function),
      );
      return call(
        "f.call",
        text(nameIn(value.function)),
        options(field, draft, narrowerType(field, value.type, context)),
      );
    }
    case "expression":
      throw new TypeError(`${context.owner}.${field.name} is an expression; those are written by hand`);
  }
}

type Extra = readonly (readonly [string, Code | undefined])[];

function narrowerType(field: Field, type: PgType, context: FieldContext): Extra {
  const { ref } = readType(type);
  if (ref.by === "name" && ref.name !== field.type)
    return [["type", isScalar(field.type) ? text(field.type) : context.typeCode(field.type)]];
  return ref.by === "pg" && field.type === "String" ? [["type", text("String")]] : [];
}

/** The options that make the builder's draft the model's field; nothing where it is so already. */
function options(field: Field, draft: FieldDraft, extra: Extra = []): Code | undefined {
  const written = object([
    ...extra,
    ["nullable", draft.nullable === field.nullable || isMany(field) ? undefined : String(field.nullable)],
    ["description", field.description === draft.description ? undefined : literal(field.description ?? null)],
    ["deprecated", field.deprecated === undefined ? undefined : text(field.deprecated)],
    ["requires", field.requires === undefined ? undefined : literal(field.requires)],
  ]);
  return written.entries.length === 0 ? undefined : written;
}

const isMany = (field: Field): boolean => field.kind === "relation" && field.cardinality === "many";

function relationCode(field: RelationField, context: FieldContext): Code {
  const { relation, facts } = context;
  const target = facts.catalog.relations.find((each) => context.typeOfRelation(each) === field.type);
  if (!relation || !target) throw new TypeError(`${context.owner}.${field.name} leads to no relation of the catalog`);
  const to = nameIn(target);
  const extra: Extra = [["siblings", field.siblings === undefined ? undefined : literal(field.siblings)]];
  const { local, foreign, through } = field;
  if (through) {
    const [near, far] = [pairs(local, through.local), pairs(through.foreign, foreign)].map(literal) as [Code, Code];
    const said = options(field, relationDraft(field), extra);
    return call("f.through", text(nameIn(through.relation)), near, text(to), far, said);
  }
  const on = pairs(local, foreign);
  if (field.cardinality === "many") {
    return call("f.many", text(to), literal(on), options(field, relationDraft(field), extra));
  }
  const { draft } = rowFields<Catalog, unknown>(facts, relation).one(
    to as RelationName<Catalog>,
    on as JoinColumns<unknown, unknown>,
  );
  return call("f.one", text(to), literal(on), options(field, draft));
}

/** A relation to many has no facts of its own: nothing but its columns is known by itself. */
function relationDraft(field: RelationField): FieldDraft {
  const { cardinality, nullable, local, foreign } = field;
  return { kind: "relation", type: { by: "name", name: field.type }, cardinality, nullable, local, foreign, stack: "" };
}

/** Columns with those they are equal to: as an object, unless that would lose a column or their order. */
function pairs(left: readonly string[], right: readonly string[]): object {
  const all = left.map((column, index) => [column, right[index]] as const);
  const isPlain =
    new Set(left).size === left.length && left.every((column) => !/^\d+$/.test(column) && column !== "__proto__");
  return isPlain ? Object.fromEntries(all) : all;
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** The function `(f) => ({ … })` that gives these fields. */
export const fieldsCode = (fields: readonly Field[], context: FieldContext): Code => ({
  parameter: "f",
  body: object(fields.map((field) => [field.name, fieldCode(field, context)])),
});
