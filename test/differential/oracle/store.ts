/**
 * The database as the oracle sees it: every row in memory, and one-table SQL for what only PostgreSQL can say (is this
 * value greater than that one under its type and collation). It shares nothing with the planner and the renderer.
 */
import type { Catalog, CatalogColumn, PgType, QualifiedName } from "../../../src/core/schema/catalog.ts";
import type { Model, ObjectType, RelationField, ValueSource } from "../../../src/core/schema/model.ts";
import type { Database } from "../../../src/ports/database.ts";
import { arrayText, baseType, castText, compositeItems, rangeParts, type Text } from "./text-forms.ts";

/** One row of an object, or one value that is an object. */
export type Held = {
  readonly object: ObjectType;
  readonly row: Readonly<Record<string, Text>>;
  readonly document?: Readonly<Record<string, unknown>>;
};

/** Where values come from; two subjects with one key have one order. */
export type Subject = { readonly object: ObjectType; readonly value: ValueSource };

export type Store = {
  readonly model: Model;
  readonly object: (name: string) => ObjectType;
  readonly rows: (object: ObjectType) => readonly Held[];
  readonly related: (held: Held, relation: RelationField) => readonly Held[];
  /** Rows of the object from another source than its relation, `from` as it stands in FROM; in the source's order. */
  readonly rowsFrom: (object: ObjectType, from: string, values: readonly Text[]) => Promise<readonly Held[]>;
  /** The one value of a question. */
  readonly ask: (sql: string, values: readonly Text[]) => Promise<Text>;
  readonly textOf: (held: Held, value: ValueSource) => Text;
  readonly embedded: (object: ObjectType, type: PgType, text: Text, document: unknown) => Held | null;
  /** Position of each value of the subject in its type's order; equal values have equal positions. */
  readonly ranks: (subject: Subject) => Promise<(text: Text) => number>;
  readonly ranksOf: (type: PgType, texts: readonly Text[]) => Promise<(text: Text) => number>;
  /** Per value of the subject whether `value <test> operand` holds. `$1` of the test is the operand, `VALUE` the value. */
  readonly truth: (
    subject: Subject,
    test: string,
    operands: readonly string[],
  ) => Promise<(text: Text) => boolean | null>;
  readonly truthOf: (
    type: PgType,
    texts: readonly Text[],
    test: string,
    operands: readonly string[],
  ) => Promise<(text: Text) => boolean | null>;
  readonly measure: (sql: string, type: PgType, groups: readonly (readonly string[])[]) => Promise<readonly Text[]>;
};

/** Stands for the value in a question; no name and no text of PostgreSQL can hold it. */
export const VALUE = "\0";

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export function typeSql(type: PgType): string {
  const base = baseType(type);
  if (base.kind === "base") return quote(base.name);
  if (base.kind === "array") return `${typeSql(base.element)}[]`;
  return base.kind === "domain" ? typeSql(base.base) : `${quote(base.schema)}.${quote(base.name)}`;
}

const keyOf = (name: QualifiedName): string => `${name.schema}\0${name.name}`;
const nameSql = (name: QualifiedName): string => `${quote(name.schema)}.${quote(name.name)}`;

export async function openStore(database: Database, catalog: Catalog, model: Model): Promise<Store> {
  const objects = new Map(model.objects.map((object) => [object.name, object]));
  const relations = new Map(catalog.relations.map((relation) => [keyOf(relation), relation.columns]));
  const attributes = new Map(catalog.composites.map((each) => [keyOf(each), each.attributes]));
  const query = (text: string, values: readonly (string | null)[] = []) => database.rows({ text, values });

  const held = new Map<string, readonly Held[]>();
  const tables = new Map<string, readonly Readonly<Record<string, Text>>[]>();
  const load = async (
    name: QualifiedName,
    more: readonly { key: string; sql: string }[],
    from = nameSql(name),
    values: readonly Text[] = [],
  ) => {
    const columns: readonly CatalogColumn[] = relations.get(keyOf(name)) ?? [];
    const names = [...columns.map((column) => column.name), ...more.map((each) => each.key)];
    const selected = [...columns.map((column) => quote(column.name)), ...more.map((each) => each.sql)];
    const rows = await query(`select ${selected.join(", ")} from ${from} as source_row`, values);
    return rows.map((row) => Object.fromEntries(names.map((each, index) => [each, row[index] ?? null])));
  };
  const rowsFrom: Store["rowsFrom"] = async (object, from, values) => {
    if (object.source.kind === "value") return [];
    const rows = await load(object.source.relation, computedOf(object), from, values);
    const column = object.source.kind === "document" ? object.source.column : undefined;
    return rows.map((row) =>
      column === undefined ? { object, row } : { object, row, document: exactJson(row[column] ?? "null") },
    );
  };
  for (const object of model.objects) {
    if (object.source.kind === "value") continue;
    held.set(object.name, await rowsFrom(object, nameSql(object.source.relation), []));
    for (const field of object.fields) {
      const junction = field.kind === "relation" ? field.through?.relation : undefined;
      if (junction && !tables.has(keyOf(junction))) tables.set(keyOf(junction), await load(junction, []));
    }
  }

  const indexes = new Map<string, Map<string, unknown[]>>();
  const indexed = <T>(
    key: string,
    rows: readonly T[],
    tuple: (row: T) => string | undefined,
  ): ReadonlyMap<string, T[]> => {
    const known = indexes.get(key);
    if (known) return known as Map<string, T[]>;
    const made = new Map<string, T[]>();
    for (const row of rows) {
      const value = tuple(row);
      if (value === undefined) continue;
      const list = made.get(value);
      if (list) list.push(row);
      else made.set(value, [row]);
    }
    indexes.set(key, made as Map<string, unknown[]>);
    return made;
  };
  const tuple = (row: Readonly<Record<string, Text>>, columns: readonly string[]): string | undefined => {
    const values = columns.map((column) => row[column] ?? null);
    return values.includes(null) ? undefined : JSON.stringify(values);
  };
  const byColumns = (object: ObjectType, columns: readonly string[]) =>
    indexed(`${object.name}:${columns.join()}`, held.get(object.name) ?? [], (each) => tuple(each.row, columns));

  const textOf = (from: Held, value: ValueSource): Text => {
    switch (value.from) {
      case "column":
        return from.row[value.column] ?? null;
      case "document":
        return documentText(from.document?.[value.key], value.type);
      case "range":
        return from.row[value.part] ?? null;
      default:
        return from.row[JSON.stringify(value)] ?? null;
    }
  };

  const cached = new Map<number | bigint, Promise<unknown>>();
  const once = <T>(question: string, make: () => Promise<T>): Promise<T> => {
    const key = Bun.hash(question);
    const known = cached.get(key);
    if (known) return known as Promise<T>;
    if (cached.size > 20_000) cached.clear();
    const made = make();
    cached.set(key, made);
    return made;
  };

  const distinct = (texts: readonly Text[]): readonly string[] => [...new Set(texts.filter((text) => text !== null))];
  const textsOf = ({ object, value }: Subject): readonly Text[] =>
    (held.get(object.name) ?? []).map((each) => textOf(each, value));
  const relationOf = (object: ObjectType): string =>
    object.source.kind === "value" ? "" : nameSql(object.source.relation);

  const positions = async (type: PgType, sql: string, values: readonly string[]) => {
    const rows = await query(sql, values);
    const found = new Map(rows.map(([text, rank]) => [castText(type, text as Text), Number(rank)]));
    return (text: Text): number => found.get(castText(type, text)) ?? Number.NaN;
  };
  const ranksOf: Store["ranksOf"] = (type, texts) => {
    const list = arrayText(distinct(texts));
    const sql = `select x, dense_rank() over (order by x::${typeSql(type)})::text from unnest($1::text[]) as x`;
    return once(`${sql}${list}`, () => positions(type, sql, [list]));
  };
  const truths = async (sql: string, values: readonly string[]) => {
    const rows = await query(sql, values);
    const found = new Map(rows.map(([text, truth]) => [text as string, truth === null ? null : true]));
    return (text: Text): boolean | null =>
      text === null ? null : found.get(text) === undefined ? false : (found.get(text) as true | null);
  };
  const truthOf: Store["truthOf"] = (type, texts, test, operands) => {
    // A type may be called "$1".
    const shifted = test.replaceAll(/"(?:[^"]|"")*"|\$(\d+)/g, (found, number?: string) =>
      number === undefined ? found : `$${Number(number) + 1}`,
    );
    const condition = shifted.replaceAll(VALUE, () => `(x::${typeSql(type)})`);
    const list = arrayText(distinct(texts));
    const sql = `select x, (${condition})::text from unnest($1::text[]) as x where (${condition}) is distinct from false`;
    return once(JSON.stringify([sql, list, operands]), () => truths(sql, [list, ...operands]));
  };

  return {
    model,
    object: (name) => objects.get(name) as ObjectType,
    rows: (object) => held.get(object.name) ?? [],
    rowsFrom,
    ask: async (sql, values) => (await query(sql, values))[0]?.[0] ?? null,
    textOf,
    ranksOf,
    truthOf,
    related: (from, { type, local, foreign, through }) => {
      const target = objects.get(type) as ObjectType;
      const key = tuple(from.row, local);
      if (key === undefined) return [];
      if (!through) return byColumns(target, foreign).get(key) ?? [];
      const junction = tables.get(keyOf(through.relation)) ?? [];
      const links = indexed(`${keyOf(through.relation)}:${through.local.join()}`, junction, (row) =>
        tuple(row, through.local),
      );
      return (links.get(key) ?? []).flatMap(
        (link) => byColumns(target, foreign).get(tuple(link, through.foreign) ?? "") ?? [],
      );
    },
    embedded: (object, type, text, document) => {
      if (type.kind === "base" && type.name === "jsonb") {
        const isObject =
          typeof document === "object" && document !== null && !Array.isArray(document) && !("rawJSON" in document);
        return isObject ? { object, row: {}, document: document as Record<string, unknown> } : null;
      }
      const base = baseType(type);
      if (text === null) return null;
      if (base.kind === "range") return { object, row: rangeParts(text) };
      const names = base.kind === "composite" ? (attributes.get(keyOf(base)) ?? []) : [];
      const items = compositeItems(text);
      return { object, row: Object.fromEntries(names.map(({ name }, index) => [name, items[index] ?? null])) };
    },
    ranks: (subject) => {
      const { value, object } = subject;
      if (value.from !== "column") return ranksOf(value.type, textsOf(subject));
      const column = quote(value.column);
      const sql = `select ${column}, dense_rank() over (order by ${column})::text from ${relationOf(object)} where ${column} is not null`;
      return once(sql, () => positions(value.type, sql, []));
    },
    truth: (subject, test, operands) => {
      const { value, object } = subject;
      // Operators on enums do not see through a domain, so it is asked of the texts instead.
      const isEnumBelow = value.type.kind === "domain" && baseType(value.type).kind === "enum";
      if (value.from !== "column" || isEnumBelow) return truthOf(value.type, textsOf(subject), test, operands);
      const column = quote(value.column);
      const condition = test.replaceAll(VALUE, () => column);
      const sql = `select ${column}, (${condition})::text from ${relationOf(object)} where ${column} is not null and (${condition}) is distinct from false`;
      return once(JSON.stringify([sql, operands]), () => truths(sql, operands));
    },
    measure: async (sql, type, groups) => {
      const numbers = arrayText(groups.flatMap((group, index) => group.map(() => String(index))));
      const values = arrayText(groups.flat());
      const text = `select g::text, ${sql.replaceAll(VALUE, () => `x::${typeSql(type)}`)} from unnest($1::int4[], $2::text[]) as u(g, x) group by g`;
      const rows = await once(JSON.stringify([text, numbers, values]), () => query(text, [numbers, values]));
      const found = new Map(rows.map(([group, value]) => [Number(group), value ?? null]));
      return groups.map((_, index) => found.get(index) ?? null);
    },
  };
}

/** Fields that PostgreSQL computes from the row, by the key they have among its columns. */
function computedOf(object: ObjectType): readonly { readonly key: string; readonly sql: string }[] {
  return object.fields.flatMap((field) => {
    if (field.kind === "relation") return [];
    const { value } = field;
    if (value.from === "function")
      return [{ key: JSON.stringify(value), sql: `${nameSql(value.function)}(source_row)` }];
    if (value.from !== "expression") return [];
    const holes = value.columns.map((column) => `source_row.${quote(column)}`);
    const written = value.texts.map((text, index) => text + (holes[index] ?? "")).join("");
    return [{ key: JSON.stringify(value), sql: `(${written})::${typeSql(value.type)}` }];
  });
}

type WithSource = {
  readonly parse: (
    text: string,
    revive: (key: string, value: unknown, context: { readonly source: string }) => unknown,
  ) => unknown;
  readonly rawJSON: (text: string) => unknown;
};

/** Parsed JSON whose numbers keep their digits: `JSON.stringify` writes them as they were. */
function exactJson(text: string): Record<string, unknown> {
  const { parse, rawJSON } = JSON as unknown as WithSource;
  return parse(text, (_, value, { source }) => (typeof value === "number" ? rawJSON(source) : value)) as Record<
    string,
    unknown
  >;
}

/** A value inside a document as text of its type, as `->>` gives it. */
function documentText(value: unknown, type: PgType): Text {
  if (value === undefined || value === null) return null;
  const base = baseType(type);
  if (base.kind === "array") {
    if (!Array.isArray(value)) return null;
    return arrayText(
      value.map((item) => (item === null ? null : typeof item === "string" ? item : JSON.stringify(item))),
    );
  }
  if (base.kind === "base" && (base.name === "jsonb" || base.name === "json")) return JSON.stringify(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
