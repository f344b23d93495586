/** The shape of the JSON objects in a document column, proposed from some of them. */
import type { CatalogRelation, PgType, QualifiedName } from "../catalog.ts";

export type DocumentValue =
  /** `unseen`: no row had a value, so the type says nothing. */
  | { readonly kind: "scalar"; readonly type: PgType; readonly list: boolean; readonly unseen?: true }
  | { readonly kind: "object"; readonly fields: readonly DocumentField[]; readonly list: boolean };
export type DocumentField = { readonly key: string; readonly value: DocumentValue };

/** What the rows of one FraiseQL view hold in its document column. */
export type DocumentShape = {
  readonly relation: QualifiedName;
  readonly column: string;
  readonly fields: readonly DocumentField[];
};
export type DocumentShapes = readonly DocumentShape[];

/** The document column of a FraiseQL view (`v_…`, or `tv_…`, a table that stands for one), if the relation has one. */
export function documentColumn(relation: CatalogRelation): string | undefined {
  if (!/^t?v_/.test(relation.name)) return undefined;
  const isJson = (type: PgType): boolean => type.kind === "base" && (type.name === "jsonb" || type.name === "json");
  return relation.columns.find(({ name, type }) => name === "data" && isJson(type))?.name;
}

/** Objects nested deeper than this, or with more keys, are plain JSON: most likely their keys are data. */
const DEPTH_MAX = 6;
const KEYS_MAX = 100;

const base = (name: string): PgType => ({ kind: "base", name });
const JSON_VALUE: DocumentValue & { kind: "scalar" } = { kind: "scalar", type: base("jsonb"), list: false };

/** Fields of the documents, keys in order of first appearance. */
export function documentFields(documents: readonly unknown[], depth = 0): readonly DocumentField[] {
  const values = new Map<string, unknown[]>();
  for (const document of documents) {
    if (!isObject(document)) continue;
    for (const [key, value] of Object.entries(document)) {
      const known = values.get(key);
      if (known) known.push(value);
      else values.set(key, [value]);
    }
  }
  return [...values].map(([key, all]) => ({ key, value: documentValue(all, depth) }));
}

function documentValue(all: readonly unknown[], depth: number): DocumentValue {
  const given = all.filter((value) => value !== null);
  if (given.length > 0 && given.every(Array.isArray)) {
    const items = given.flat().filter((value) => value !== null);
    if (items.length === 0) return JSON_VALUE;
    const item = documentValue(items, depth);
    return item.list ? JSON_VALUE : item.kind === "object" ? { ...item, list: true } : listOf(item.type);
  }
  if (given.length > 0 && given.every(isObject)) return objectValue(given, depth);
  if (given.length === 0) return { ...JSON_VALUE, unseen: true };
  return { kind: "scalar", type: leafType(given), list: false };
}

const listOf = (element: PgType): DocumentValue => ({ kind: "scalar", type: { kind: "array", element }, list: true });

function objectValue(objects: readonly Record<string, unknown>[], depth: number): DocumentValue {
  const keys = new Set(objects.flatMap((object) => Object.keys(object)));
  const shared = objects.reduce((sum, object) => sum + Object.keys(object).length, 0) / objects.length;
  // Where most objects lack most keys, the keys are data: a map, say from languages to texts.
  const isMap = objects.length > 1 && shared < keys.size / 3;
  if (keys.size === 0 || keys.size > KEYS_MAX || isMap || depth >= DEPTH_MAX) return JSON_VALUE;
  return { kind: "object", fields: documentFields(objects, depth + 1), list: false };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const FORMS: readonly (readonly [string, RegExp])[] = [
  ["uuid", /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i],
  ["timestamptz", /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)$/],
  ["timestamp", /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?$/],
  ["date", /^\d{4}-\d\d-\d\d$/],
];

function leafType(values: readonly unknown[]): PgType {
  const are = (type: string): boolean => values.length > 0 && values.every((value) => typeof value === type);
  if (are("boolean")) return base("bool");
  if (are("number")) return base(numberType(values as readonly number[]));
  if (!are("string")) return base("jsonb");
  const form = FORMS.find(([, pattern]) => values.every((value) => pattern.test(String(value))));
  return base(form?.[0] ?? "text");
}

/** Whole numbers near the end of 32 bits may pass it in a row that was not looked at. */
function numberType(values: readonly number[]): string {
  if (!values.every(Number.isInteger)) return "float8";
  const greatest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (greatest < 2 ** 28) return "int4";
  return greatest <= Number.MAX_SAFE_INTEGER ? "int8" : "numeric";
}
