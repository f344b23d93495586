/** What rules are written against: the observed tables, with the types of the columns that their events carry. */
import { RULE_LIMITS } from "../limits.ts";
import type { PgType } from "../schema/catalog.ts";
import type { Model, ObjectType } from "../schema/model.ts";
import { withoutDomains } from "../schema/pg-types.ts";

const SCALAR_KINDS = [
  "text",
  /** `char(n)`: blanks at its end do not count. */
  "char",
  "integer",
  "bigint",
  "numeric",
  "real",
  "float",
  "boolean",
  "uuid",
  "date",
  "timestamp",
  "timestamptz",
  "json",
  /** Has no comparison here: only whether it is null and whether it changed. */
  "other",
] as const;

export type FieldType =
  | { readonly kind: (typeof SCALAR_KINDS)[number] }
  | { readonly kind: "enum"; readonly labels: readonly string[] }
  | { readonly kind: "array"; readonly element: FieldType };

export type EntityField = {
  /** The column: events carry columns. */
  readonly name: string;
  readonly type: FieldType;
  readonly nullable: boolean;
  /** The name in the API, for "did you mean". */
  readonly apiName?: string;
};

export type Entity = {
  /** The name of the object type of the API. */
  readonly name: string;
  /** `schema.table`, as in the events. */
  readonly table: string;
  /** Those that events carry. */
  readonly fields: ReadonlyMap<string, EntityField>;
  /** Columns that events do not carry, also by their names in the API, and why. Absent: there are none. */
  readonly withheld?: ReadonlyMap<string, string>;
  /** Why changes of it are no events. Absent: they are. */
  readonly unobserved?: string;
};

export type Entities = ReadonlyMap<string, Entity>;

const KIND_OF_PG: Readonly<Record<string, (typeof SCALAR_KINDS)[number]>> = {
  text: "text",
  varchar: "text",
  citext: "text",
  name: "text",
  bpchar: "char",
  int2: "integer",
  int4: "integer",
  int8: "bigint",
  numeric: "numeric",
  float4: "real",
  float8: "float",
  bool: "boolean",
  uuid: "uuid",
  date: "date",
  timestamp: "timestamp",
  timestamptz: "timestamptz",
  json: "json",
  jsonb: "json",
};

/** The objects of a model that are rows of a table or view, by name; documents and values are not observed. */
export function entitiesOfModel(model: Model): Entities {
  const entities = model.objects.flatMap((object) => {
    if (object.source.kind !== "columns" || object.name.length > RULE_LIMITS.nameMax) return [];
    const { schema, name } = object.source.relation;
    return [{ name: object.name, table: `${schema}.${name}`, fields: fieldsOf(object, model) }];
  });
  return new Map(entities.map((entity) => [entity.name, entity]));
}

function fieldsOf(object: ObjectType, model: Model): ReadonlyMap<string, EntityField> {
  const fields = new Map<string, EntityField>();
  for (const { columns } of object.keys) {
    for (const { column, type } of columns) {
      fields.set(column, { name: column, type: fieldType(type, model), nullable: false });
    }
  }
  for (const field of object.fields) {
    if (field.kind === "relation" || field.value.from !== "column") continue;
    const { column, type, notNull } = field.value;
    const apiName = field.name === column ? {} : { apiName: field.name };
    fields.set(column, { name: column, type: fieldType(type, model), nullable: !notNull, ...apiName });
  }
  return fields;
}

/** What conditions can do with values of a type of PostgreSQL. */
export function fieldType(type: PgType, model: Pick<Model, "enums">): FieldType {
  const base = withoutDomains(type);
  switch (base.kind) {
    case "base":
      return { kind: Object.hasOwn(KIND_OF_PG, base.name) ? (KIND_OF_PG[base.name] ?? "other") : "other" };
    case "array":
      return { kind: "array", element: fieldType(base.element, model) };
    case "enum": {
      const known = model.enums.find(({ pg }) => pg?.schema === base.schema && pg.name === base.name);
      return known ? { kind: "enum", labels: known.values.map(({ label }) => label) } : { kind: "text" };
    }
    default:
      return { kind: "other" };
  }
}
