/** Rows put into groups by their keys, one row after the other. */
import { FraiseqlError } from "../../../src/core/errors.ts";
import type { PgType } from "../../../src/core/schema/catalog.ts";
import type { ObjectType, RelationField, ScalarField } from "../../../src/core/schema/model.ts";
import { comparison, logic, type Predicate, present } from "./filter.ts";
import { type MeasureName, measurePgType, measureTexts } from "./measures.ts";
import { compareTexts, directionOf, measureOf } from "./order.ts";
import type { Held, Store } from "./store.ts";
import { bucketStart, fieldValue, type Text } from "./text-forms.ts";

type Key = {
  readonly path: readonly RelationField[];
  readonly field: ScalarField;
  readonly textOf: (held: Held) => Text;
  readonly rank: (text: Text) => number;
};
export type Group = { readonly keys: readonly Key[]; readonly texts: readonly Text[]; readonly rows: readonly Held[] };

type Input = Readonly<Record<string, unknown>>;

export async function groupsOf(
  store: Store,
  object: ObjectType,
  rows: readonly Held[],
  args: Input,
): Promise<readonly Group[]> {
  const keys = await keysOf(store, object, args["groupBy"], []);
  if (keys.length === 0) throw new FraiseqlError("BAD_USER_INPUT", "groupBy names nothing");
  const made = new Map<string, { texts: readonly Text[]; rows: Held[] }>();
  for (const held of rows) {
    const texts = keys.map((key) => key.textOf(held));
    const id = JSON.stringify(texts.map((text, index) => (text === null ? null : keys[index]?.rank(text))));
    const known = made.get(id);
    if (known) known.rows.push(held);
    else made.set(id, { texts, rows: [held] });
  }
  const groups = [...made.values()].map((each): Group => ({ ...each, keys }));
  const kept = args["having"] === undefined ? groups : await having(store, object, groups, args["having"]);
  return ordered(store, object, kept, keys, args["orderBy"]);
}

async function keysOf(
  store: Store,
  object: ObjectType,
  input: unknown,
  path: readonly RelationField[],
): Promise<readonly Key[]> {
  const keys: Key[] = [];
  // In the order of the schema's fields only for literals; the order of keys never shows but in ties, which keys end.
  for (const [name, value] of Object.entries((input ?? {}) as Input)) {
    const field = object.fields.find((each) => each.name === name);
    if (field?.kind === "relation")
      keys.push(...(await keysOf(store, store.object(field.type), value, [...path, field])));
    if (field?.kind !== "scalar" || value === false || value === null) continue;
    const bucket = typeof value === "string" ? value : "exact";
    const type = field.value.type;
    const cut = (text: Text): Text => (text === null || bucket === "exact" ? text : bucketStart(bucket, type, text));
    const textOf = (held: Held): Text => {
      const target = path.reduce<Held | undefined>((at, hop) => at && store.related(at, hop)[0], held);
      return target ? cut(store.textOf(target, field.value)) : null;
    };
    const rank =
      bucket === "exact"
        ? await store.ranks({ object, value: field.value })
        : await store.ranksOf(
            type,
            store.rows(object).map((held) => cut(store.textOf(held, field.value))),
          );
    keys.push({ path, field, textOf, rank });
  }
  return keys;
}

function keyIndex(keys: readonly Key[], path: readonly RelationField[], field: ScalarField): number {
  const index = keys.findIndex(
    (key) => key.field === field && key.path.length === path.length && key.path.every((hop, at) => hop === path[at]),
  );
  if (index < 0) throw new FraiseqlError("BAD_USER_INPUT", "not grouped by");
  return index;
}

export function keyValue({ keys, texts }: Group, path: readonly RelationField[], field: ScalarField): unknown {
  return fieldValue(field.value.type, texts[keyIndex(keys, path, field)] ?? null);
}

const sourceOf = (object: ObjectType, name: string) => {
  const field = object.fields.find((each) => each.name === name);
  return field?.kind === "scalar" ? field.value : undefined;
};

async function having(
  store: Store,
  object: ObjectType,
  groups: readonly Group[],
  input: unknown,
): Promise<readonly Group[]> {
  const measured = async (name: MeasureName, fieldName: string, operators: unknown): Promise<Predicate<Group>> => {
    const value = sourceOf(object, fieldName);
    const texts = await measureTexts(
      store,
      object,
      name,
      value,
      groups.map((group) => group.rows),
    );
    const type: PgType = measurePgType(name, value?.type);
    const holds = await comparison(type, operators, (test, operands) => store.truthOf(type, texts, test, operands));
    return (group) => holds(texts[groups.indexOf(group)] ?? null);
  };
  const predicate = await logic<Group>(input, async (name, value) => {
    if (name === "count") return measured("count", "", value);
    const terms = await Promise.all(
      Object.entries(present(value)).map(([field, operators]) => measured(name as MeasureName, field, operators)),
    );
    return (group) => {
      const truths = terms.map((term) => term(group));
      return truths.includes(false) ? false : truths.includes(null) ? null : true;
    };
  });
  return groups.filter((group) => predicate(group) === true);
}

type Compare = (a: Group, b: Group) => number;

async function ordered(
  store: Store,
  object: ObjectType,
  groups: readonly Group[],
  keys: readonly Key[],
  input: unknown,
): Promise<readonly Group[]> {
  const terms = await Promise.all(
    ((input ?? []) as readonly Input[]).map((each) => termOf(store, object, groups, keys, each)),
  );
  const rest = keys.map((_, index) => byKey(keys, index, "ASC"));
  return [...groups].sort((a, b) => [...terms, ...rest].reduce((sign, compare) => sign || compare(a, b), 0));
}

function byKey(keys: readonly Key[], index: number, direction: string): Compare {
  const { rank } = keys[index] as Key;
  return (a, b) => compareTexts({ rank, ...directionOf(direction) }, a.texts[index] ?? null, b.texts[index] ?? null);
}

async function termOf(
  store: Store,
  object: ObjectType,
  groups: readonly Group[],
  keys: readonly Key[],
  input: Input,
): Promise<Compare> {
  if ("key" in input) return keyTerm(store, object, keys, input["key"] as Input, []);
  const [measure, fieldName, direction] = measureOf(input);
  const value = sourceOf(object, fieldName);
  const texts = await measureTexts(
    store,
    object,
    measure,
    value,
    groups.map((group) => group.rows),
  );
  const rank =
    value && (measure === "min" || measure === "max")
      ? await store.ranks({ object, value })
      : await store.ranksOf(measurePgType(measure, value?.type), texts);
  const found = new Map(groups.map((group, index) => [group, texts[index] ?? null]));
  return (a, b) => compareTexts({ rank, ...directionOf(direction) }, found.get(a) ?? null, found.get(b) ?? null);
}

function keyTerm(
  store: Store,
  object: ObjectType,
  keys: readonly Key[],
  input: Input,
  path: readonly RelationField[],
): Compare {
  const [name, inner] = Object.entries(input)[0] as [string, unknown];
  const field = object.fields.find((each) => each.name === name);
  if (field?.kind === "relation")
    return keyTerm(store, store.object(field.type), keys, inner as Input, [...path, field]);
  return byKey(keys, keyIndex(keys, path, field as ScalarField), String(inner));
}
