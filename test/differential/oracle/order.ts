/** Orders as comparisons of positions, and rows behind a cursor. */

import { FraiseqlError } from "../../../src/core/errors.ts";
import type { PgType } from "../../../src/core/schema/catalog.ts";
import type { ObjectType, RelationField } from "../../../src/core/schema/model.ts";
import { type MeasureName, measurePgType, measureTexts } from "./measures.ts";
import type { Held, Store } from "./store.ts";
import { castText, type Text } from "./text-forms.ts";

/** One term: the text of each row, its position, and how positions compare. */
export type Term = {
  readonly type: PgType;
  readonly textOf: (held: Held) => Text;
  readonly rank: (text: Text) => number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
};

type OrderInput = Readonly<Record<string, unknown>>;

export async function orderTerms(store: Store, object: ObjectType, input: unknown): Promise<readonly Term[]> {
  const given = (input ?? []) as readonly OrderInput[];
  const terms = await Promise.all(given.map((each) => termOf(store, object, object, each, [])));
  const named = new Set(given.flatMap((each) => columnsNamed(object, each)));
  const descending = terms.at(-1)?.descending ?? false;
  const keys = (object.keys.find((key) => !key.nullable)?.columns ?? []).filter(({ column }) => !named.has(column));
  const rest = keys.map(async ({ column, type }): Promise<Term> => {
    const value = { from: "column", column, type, notNull: true } as const;
    return {
      type,
      textOf: (held) => held.row[column] ?? null,
      rank: await store.ranks({ object, value }),
      descending,
      nullsFirst: false,
    };
  });
  return [...terms, ...(await Promise.all(rest))];
}

/** Columns of the row itself that a term orders by. */
function columnsNamed(object: ObjectType, input: OrderInput): readonly string[] {
  const [name] = Object.keys(input);
  const field = object.fields.find((each) => each.name === name);
  return field?.kind === "scalar" && field.value.from === "column" ? [field.value.column] : [];
}

export const directionOf = (name: string): Pick<Term, "descending" | "nullsFirst"> => ({
  descending: name.startsWith("DESC"),
  nullsFirst: name.endsWith("NULLS_FIRST"),
});

async function termOf(
  store: Store,
  root: ObjectType,
  object: ObjectType,
  input: OrderInput,
  path: readonly RelationField[],
): Promise<Term> {
  const [name, inner] = Object.entries(input)[0] as [string, unknown];
  const reach = (held: Held): Held | undefined =>
    path.reduce<Held | undefined>((at, hop) => at && store.related(at, hop)[0], held);
  const field = object.fields.find((each) => each.name === name);
  if (field?.kind === "scalar") {
    const rank = await store.ranks({ object, value: field.value });
    const textOf = (held: Held): Text => {
      const target = reach(held);
      return target ? store.textOf(target, field.value) : null;
    };
    return { type: field.value.type, textOf, rank, ...directionOf(String(inner)) };
  }
  if (field?.kind === "relation")
    return termOf(store, root, store.object(field.type), inner as OrderInput, [...path, field]);
  const relation = object.fields.find(
    (each) => each.kind === "relation" && `${each.name}Aggregate` === name,
  ) as RelationField;
  const target = store.object(relation.type);
  const [measure, fieldName, direction] = measureOf(inner as OrderInput);
  // Every row that can be a parent is measured once, for an order compares them all.
  const parents = store.rows(object);
  const measured = target.fields.find((each) => each.name === fieldName);
  const value = measured?.kind === "scalar" ? measured.value : undefined;
  const texts = await measureTexts(
    store,
    target,
    measure,
    value,
    parents.map((parent) => store.related(parent, relation)),
  );
  const found = new Map(parents.map((parent, index) => [parent, texts[index] ?? null]));
  const type = measurePgType(measure, value?.type);
  const ranked =
    measure === "min" || measure === "max"
      ? await store.ranks({ object: target, value: value as NonNullable<typeof value> })
      : await store.ranksOf(type, texts);
  return {
    type,
    textOf: (held) => {
      const at = reach(held);
      return at ? (found.get(at) ?? null) : null;
    },
    rank: ranked,
    ...directionOf(direction),
  };
}

export function measureOf(input: OrderInput): readonly [MeasureName, string, string] {
  const [measure, inner] = Object.entries(input)[0] as [MeasureName, unknown];
  if (measure === "count") return [measure, "", String(inner)];
  const [field, direction] = Object.entries(inner as OrderInput)[0] as [string, unknown];
  return [measure, field, String(direction)];
}

export function compareTexts(term: Pick<Term, "rank" | "descending" | "nullsFirst">, left: Text, right: Text): number {
  if (left === null || right === null) {
    if (left === right) return 0;
    return (left === null) === term.nullsFirst ? -1 : 1;
  }
  const difference = term.rank(left) - term.rank(right);
  if (Number.isNaN(difference)) throw new Error(`no position for ${JSON.stringify([left, right])}`);
  return term.descending ? -difference : difference;
}

export function sorted(rows: readonly Held[], terms: readonly Term[]): readonly Held[] {
  return rows
    .map((held) => ({ held, texts: terms.map((term) => term.textOf(held)) }))
    .sort((a, b) =>
      terms.reduce(
        (sign, term, index) => sign || compareTexts(term, a.texts[index] ?? null, b.texts[index] ?? null),
        0,
      ),
    )
    .map(({ held }) => held);
}

/** The order values inside a cursor; what stands in front of them is the maker's own affair. */
export function cursorValues(cursor: string, length: number): readonly Text[] {
  const list: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  if (!Array.isArray(list) || list.length !== length + 1)
    throw new FraiseqlError("BAD_CURSOR", "not a cursor of this order");
  return list.slice(1);
}

export const ORACLE_CURSOR = "cursor:";

export const cursorOf = (held: Held, terms: readonly Term[]): string =>
  ORACLE_CURSOR + JSON.stringify(terms.map((term) => castText(term.type, term.textOf(held))));

/** Sign of the row's place relative to a cursor. */
export function compareToCursor(held: Held, cursor: readonly Text[], terms: readonly Term[]): number {
  return terms.reduce((sign, term, index) => sign || compareTexts(term, term.textOf(held), cursor[index] ?? null), 0);
}
