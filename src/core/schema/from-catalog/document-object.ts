/** The fields of an object whose source is a FraiseQL view: keys of its documents, and the columns beside them. */
import type { CatalogColumn, CatalogRelation, PgType } from "../catalog.ts";
import type { EmbeddedField, ObjectType, ScalarField } from "../model.ts";
import { camelName, fieldName, pascalName, RESERVED_FIELD_NAMES } from "../naming.ts";
import { NUMBER_TYPES, PRINTED_TYPES, TEXT_TYPES, withoutDomains } from "../pg-types.ts";
import { singular } from "../plural.ts";
import type { DocumentField, DocumentShape, DocumentValue } from "./document-shape.ts";
import { type NameScope, nameScope } from "./name-scope.ts";
import { namesOfObject } from "./type-names.ts";
import { columnFields, type ValueTypes, valueField, valueObject } from "./value-types.ts";

type Context = {
  readonly relation: CatalogRelation;
  readonly shape: DocumentShape;
  /** The table the documents are made from, which knows types that JSON does not. */
  readonly base: CatalogRelation | undefined;
  readonly owner: string;
  readonly scope: NameScope;
  readonly typeNames: NameScope;
  readonly values: ValueTypes;
  readonly notes: string[];
};

type OwnField = ScalarField | EmbeddedField;

/** Fields of the documents in their order, then the columns that are in no document. A column is preferred to an equal key. */
export function documentObject(context: Context): {
  readonly fields: readonly OwnField[];
  readonly objects: readonly ObjectType[];
} {
  const { relation, shape, scope, values, notes } = context;
  const owner = `${relation.schema}.${relation.name}`;
  const objects: ObjectType[] = [];
  const columns = relation.columns.filter(({ name }) => name !== shape.column);
  const shown = new Set<CatalogColumn>();
  const fields = shape.fields.map((field) => {
    const column = columns.find((each) => !shown.has(each) && standsFor(each, field));
    if (!column) return documentField(field, context.owner, scope, context, objects);
    shown.add(column);
    const [own] = columnFields([column], values, owner, notes, nameScope([])).fields;
    return { ...(own as OwnField), name: scope.claim([fieldName(field.key)], `Column ${column.name} of ${owner}`) };
  });
  const beside = columnFields(
    columns.filter((each) => !shown.has(each)),
    values,
    owner,
    notes,
    scope,
  ).fields;
  return { fields: [...fields, ...beside], objects };
}

const standsFor = (column: CatalogColumn, { key, value }: DocumentField): boolean =>
  camelName(column.name) === camelName(key) &&
  value.kind === "scalar" &&
  value.list === (withoutDomains(column.type).kind === "array");

function documentField(
  field: DocumentField,
  owner: string,
  scope: NameScope,
  context: Context,
  objects: ObjectType[],
): OwnField {
  const { key, value } = field;
  const what = `Key ${key} of ${owner}`;
  const name = scope.claim([fieldName(key)], what);
  if (value.kind === "scalar") {
    const type = owner === context.owner ? knownType(key, value, context.base) : value.type;
    return valueField(name, { ...context.values.shapeOf(type) }, { from: "document", key, type }, true, undefined);
  }
  const typeName = owner + pascalName(value.list ? singular(key) : key);
  const type = context.typeNames.claim([typeName, `${typeName}Value`], `Object ${key} of ${owner}`, namesOfObject);
  const inner = nameScope(RESERVED_FIELD_NAMES, context.notes);
  // Its place is kept in front of the objects inside it.
  const place = objects.push(valueObject(type, [])) - 1;
  objects[place] = valueObject(
    type,
    value.fields.map((each) => documentField(each, type, inner, context, objects)),
  );
  const json: PgType = { kind: "base", name: "jsonb" };
  return valueField(
    name,
    { kind: "embedded", type, list: value.list },
    { from: "document", key, type: json },
    true,
    undefined,
  );
}

/** Types whose values are strings in JSON. */
const isPrinted = (name: string): boolean => TEXT_TYPES.has(name) || PRINTED_TYPES.has(name);

/** The type the table's column of that name has, where the JSON values can be of it. */
function knownType(key: string, value: DocumentValue & { kind: "scalar" }, base: CatalogRelation | undefined): PgType {
  const column = base?.columns.find(({ name }) => camelName(name) === camelName(key));
  const proposed = value.type;
  if (!column || proposed.kind !== "base") return proposed;
  const type = withoutDomains(column.type);
  const isText = type.kind === "enum" || (type.kind === "base" && isPrinted(type.name));
  const isNumber = type.kind === "base" && NUMBER_TYPES.has(type.name);
  const isOther = type.kind === "base" && type.name === "bool";
  if (value.unseen) return isText || isNumber || isOther ? type : proposed;
  if (NUMBER_TYPES.has(proposed.name)) return isNumber ? type : proposed;
  return isPrinted(proposed.name) && isText ? type : proposed;
}
