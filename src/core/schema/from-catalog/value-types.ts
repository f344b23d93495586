/** Types of the API for types of PostgreSQL: enums, and objects that are values (composites and ranges). Made on first use. */
import { type Catalog, type CatalogColumn, type PgType, type QualifiedName, qualifiedKey } from "../catalog.ts";
import type { EmbeddedField, EnumType, Field, ObjectType, ScalarField, ValueSource } from "../model.ts";
import { camelName, enumValueName, fieldName, pascalName, RESERVED_FIELD_NAMES } from "../naming.ts";
import { scalarOf, withoutDomains } from "../pg-types.ts";
import { type NameScope, nameScope } from "./name-scope.ts";
import { namesOfLeaf, namesOfObject } from "./type-names.ts";

/** What a field over a value of some type is. */
export type ValueShape = Pick<ScalarField | EmbeddedField, "kind" | "type" | "list">;

export type ValueTypes = {
  readonly shapeOf: (type: PgType) => ValueShape;
  /** The types made so far. */
  readonly enums: () => readonly EnumType[];
  readonly objects: () => readonly ObjectType[];
};

const RANGE_NAMES = new Map(
  Object.entries({
    int4range: "IntRange",
    int8range: "BigIntRange",
    numrange: "DecimalRange",
    tsrange: "LocalDateTimeRange",
    tstzrange: "DateTimeRange",
    daterange: "DateRange",
  }),
);

/** @param types the scope of all type names; enums and objects claim theirs in it. */
export function valueTypes(catalog: Catalog, types: NameScope, notes: string[]): ValueTypes {
  const enums = new Map<string, EnumType>();
  const objects = new Map<string, ObjectType>();
  const attributes = new Map<string, readonly CatalogColumn[]>([
    ...catalog.relations.map((relation) => [qualifiedKey(relation), relation.columns] as const),
    ...catalog.composites.map((composite) => [qualifiedKey(composite), composite.attributes] as const),
  ]);
  const labelled = new Map(catalog.enums.map((each) => [qualifiedKey(each), each]));
  const candidates = (name: QualifiedName, suffix: string): readonly string[] => [
    pascalName(name.name),
    pascalName(name.name) + suffix,
    pascalName(`${name.schema}_${name.name}`) + suffix,
  ];

  const enumName = (name: QualifiedName): string | undefined => {
    const known = enums.get(qualifiedKey(name));
    const source = labelled.get(qualifiedKey(name));
    if (known || !source) return known?.name;
    const what = `Enum ${name.schema}.${name.name}`;
    const made = types.claim(candidates(name, "Enum"), what, namesOfLeaf);
    enums.set(qualifiedKey(name), {
      name: made,
      ...(source.comment !== undefined && { description: source.comment }),
      values: enumValues(source.labels, what, notes),
      pg: { schema: name.schema, name: name.name },
    });
    return made;
  };

  const compositeName = (name: QualifiedName): string | undefined => {
    const known = objects.get(qualifiedKey(name));
    const columns = attributes.get(qualifiedKey(name));
    if (known || !columns || columns.length === 0) return known?.name;
    const what = `Type ${name.schema}.${name.name}`;
    const made = types.claim(candidates(name, "Value"), what, namesOfObject);
    const object = valueObject(made, []);
    objects.set(qualifiedKey(name), object);
    const comment = catalog.composites.find((each) => qualifiedKey(each) === qualifiedKey(name))?.comment;
    objects.set(qualifiedKey(name), {
      ...object,
      ...(comment !== undefined && { description: comment }),
      fields: columnFields(columns, { shapeOf }, what, notes).fields,
    });
    return made;
  };

  const rangeName = (type: PgType & { readonly kind: "range" }): string => {
    const known = objects.get(qualifiedKey(type));
    if (known) return known.name;
    const preferred = type.schema === "pg_catalog" ? RANGE_NAMES.get(type.name) : undefined;
    const made = types.claim(
      preferred ? [preferred, `${preferred}Value`] : candidates(type, "Range"),
      `Range ${type.schema}.${type.name}`,
      namesOfObject,
    );
    objects.set(qualifiedKey(type), valueObject(made, rangeFields(type.subtype, enumName)));
    return made;
  };

  const shapeOf = (type: PgType): ValueShape => {
    const base = withoutDomains(type);
    const element = base.kind === "array" ? withoutDomains(base.element) : base;
    const list = base.kind === "array";
    if (element.kind === "composite") {
      const name = compositeName(element);
      if (name) return { kind: "embedded", type: name, list };
    }
    if (element.kind === "range") return { kind: "embedded", type: rangeName(element), list };
    return { kind: "scalar", ...scalarOf(type, enumName) };
  };

  return { shapeOf, enums: () => [...enums.values()], objects: () => [...objects.values()] };
}

/** A label that is a name already keeps it, wherever it stands. */
function enumValues(labels: readonly string[], owner: string, notes: string[]): EnumType["values"] {
  const scope = nameScope([], notes);
  const isExact = (label: string): boolean => enumValueName(label) === label;
  const names = new Map<string, string>();
  for (const label of [...labels.filter(isExact), ...labels.filter((each) => !isExact(each))]) {
    names.set(label, scope.claim([enumValueName(label)], `Label ${JSON.stringify(label)} of ${owner}`));
  }
  return labels.map((label) => ({ name: names.get(label) ?? "", label }));
}

/** An object that is a value inside rows: it has no key, and no rows of its own. */
export const valueObject = (name: string, fields: readonly Field[]): ObjectType => ({
  name,
  source: { kind: "value" },
  fields,
  keys: [],
  interfaces: [],
});

function rangeFields(subtype: PgType, enumName: (name: QualifiedName) => string | undefined): readonly Field[] {
  const bool: PgType = { kind: "base", name: "bool" };
  const bound = (part: "lower" | "upper", description: string): Field => ({
    kind: "scalar",
    name: part,
    description,
    ...scalarOf(subtype, enumName),
    nullable: true,
    value: { from: "range", part, type: subtype },
  });
  const flag = (part: "lowerInclusive" | "upperInclusive" | "isEmpty", description: string): Field => ({
    kind: "scalar",
    name: part,
    description,
    type: "Boolean",
    list: false,
    nullable: false,
    value: { from: "range", part, type: bool },
  });
  return [
    bound("lower", "The lower bound; null where there is none."),
    bound("upper", "The upper bound; null where there is none."),
    flag("lowerInclusive", "Whether the lower bound itself is in the range."),
    flag("upperInclusive", "Whether the upper bound itself is in the range."),
    flag("isEmpty", "Whether the range holds no value."),
  ];
}

/** One field for each column, named so that a column whose name is the field's already keeps it. */
export function columnFields(
  columns: readonly CatalogColumn[],
  types: Pick<ValueTypes, "shapeOf">,
  owner: string,
  notes: string[],
  scope: NameScope = nameScope(RESERVED_FIELD_NAMES, notes),
): { readonly fields: readonly (ScalarField | EmbeddedField)[]; readonly scope: NameScope } {
  const isExact = ({ name }: CatalogColumn): boolean => camelName(name) === name;
  const names = new Map<string, string>();
  for (const column of [...columns.filter(isExact), ...columns.filter((each) => !isExact(each))]) {
    names.set(column.name, scope.claim([fieldName(column.name)], `Column ${column.name} of ${owner}`));
  }
  const fields = columns.map((column) => {
    const shape = types.shapeOf(column.type);
    const value: ValueSource = { from: "column", column: column.name, type: column.type, notNull: column.notNull };
    return valueField(names.get(column.name) ?? "", shape, value, nullableColumn(column, shape), column.comment);
  });
  return { fields, scope };
}

/** A number that is none (NaN) has no form in JSON: a `Float` may always be null. */
function nullableColumn(column: CatalogColumn, shape: ValueShape): boolean {
  return !column.notNull || (shape.kind === "scalar" && shape.type === "Float" && !shape.list);
}

export function valueField(
  name: string,
  shape: ValueShape,
  value: ValueSource,
  nullable: boolean,
  description: string | undefined,
): ScalarField | EmbeddedField {
  return { ...shape, name, ...(description !== undefined && { description }), nullable, value } as
    | ScalarField
    | EmbeddedField;
}
