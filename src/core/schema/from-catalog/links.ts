/**
 * Which rows belong together: the foreign keys between tables, and the same between the FraiseQL views that stand for
 * them. `tb_city.fk_country → tb_country` also leads to `v_country`, where that shows the key column.
 */
import { type CatalogForeignKey, qualifiedKey } from "../catalog.ts";
import { camelName, pascalName, words } from "../naming.ts";
import type { Draft } from "./drafts.ts";

/** Rows of `from` have the row of `to` with equal columns. */
export type Link = {
  readonly from: Draft;
  readonly to: Draft;
  readonly columns: readonly string[];
  readonly targetColumns: readonly string[];
  /** Word for the target seen from the source: `originalLanguage`. */
  readonly role: string;
  /** Whether PostgreSQL guarantees that each row has a target that can be seen. */
  readonly certain: boolean;
  /** Whether no two rows have the same target. */
  readonly unique: boolean;
  /** Whether other keys lead from the source to the same target, so that the way back is named after the column. */
  readonly ambiguous: boolean;
};

/** All links of the drafts, of each draft together. */
export function findLinks(drafts: readonly Draft[]): readonly (readonly Link[])[] {
  const byRelation = new Map(drafts.map((draft) => [qualifiedKey(draft.relation), draft]));
  const views = viewsOf(drafts);
  const real = new Map(drafts.map((draft) => [draft, keyLinks(draft, byRelation)]));
  return drafts.map((draft) => {
    const own = real.get(draft) ?? [];
    const table = draft.base && byRelation.get(qualifiedKey(draft.base));
    const inherited = table ? (real.get(table) ?? []).flatMap((link) => inheritedLink(link, draft, views) ?? []) : [];
    const toViews = views.has(draft) ? [] : own.flatMap((link) => linkToView(link, views) ?? []);
    const seen = new Set<string>();
    return [...toViews, ...inherited, ...own].filter((link) => {
      const identity = JSON.stringify([link.to.name, link.columns, link.targetColumns]);
      const isItself = link.to === draft && link.columns.join() === link.targetColumns.join();
      if (seen.has(identity) || isItself) return false;
      seen.add(identity);
      return true;
    });
  });
}

/** Tables that FraiseQL views stand for, with those views, `tv_` first. */
export function viewsOf(drafts: readonly Draft[]): ReadonlyMap<Draft, readonly Draft[]> {
  const views = new Map<Draft, Draft[]>();
  for (const view of drafts) {
    const table = view.base && drafts.find(({ relation }) => relation === view.base);
    if (table) views.set(table, [...(views.get(table) ?? []), view]);
  }
  for (const list of views.values())
    list.sort((a, b) => Number(b.relation.name.startsWith("tv_")) - Number(a.relation.name.startsWith("tv_")));
  return views;
}

function keyLinks(from: Draft, byRelation: ReadonlyMap<string, Draft>): readonly Link[] {
  const keys = from.relation.foreignKeys.flatMap((key) => {
    const to = byRelation.get(qualifiedKey(key.target));
    return to && hasColumns(from, key.columns) && hasColumns(to, key.targetColumns) ? [{ key, to }] : [];
  });
  return keys.map(({ key, to }) => {
    const { columns } = key;
    const toSame = keys
      .filter((other) => other.to === to && other.key.columns.join() !== columns.join())
      .map((other) => other.key);
    const notNull = (column: string): boolean =>
      from.relation.columns.some((each) => each.name === column && each.notNull);
    return {
      from,
      to,
      columns,
      targetColumns: key.targetColumns,
      role: roleOf(key, to, toSame),
      certain: key.validated && columns.every(notNull) && !to.relation.rowSecurity,
      unique: from.relation.keys.some(
        (unique) => !unique.assumed && unique.columns.every((column) => columns.includes(column)),
      ),
      ambiguous: toSame.length > 0 || to === from,
    };
  });
}

/** The link of a view's table, where the view has the columns; FraiseQL's views may show `country_id` for `v_country.id` instead. */
function inheritedLink(link: Link, from: Draft, views: ReadonlyMap<Draft, readonly Draft[]>): Link | undefined {
  const targets = views.get(link.to) ?? [link.to];
  if (hasColumns(from, link.columns)) {
    const to = targets.find((target) => hasColumns(target, link.targetColumns));
    return to && { ...link, from, to, certain: false };
  }
  const [id] = from.relation.columns.filter(({ name }) => name === `${words(link.role).join("_")}_id`);
  const byId = targets.find(
    (target) => target.base && target.keys.some((key) => key.columns.length === 1 && key.columns[0]?.column === "id"),
  );
  return id && byId && { ...link, from, to: byId, columns: [id.name], targetColumns: ["id"], certain: false };
}

function linkToView(link: Link, views: ReadonlyMap<Draft, readonly Draft[]>): Link | undefined {
  const to = views.get(link.to)?.find((view) => hasColumns(view, link.targetColumns));
  return to && { ...link, to, certain: false };
}

const hasColumns = (draft: Draft, columns: readonly string[]): boolean =>
  columns.every((column) => draft.relation.columns.some(({ name }) => name === column));

/** Of a key over one column, what the column's name says; of keys over several, the columns that tell them apart. */
function roleOf(key: CatalogForeignKey, to: Draft, toSame: readonly CatalogForeignKey[]): string {
  const own = key.columns.filter(
    (column) => toSame.length === 0 || !toSame.every((other) => other.columns.includes(column)),
  );
  const [column] = own;
  if (own.length === 1 && column !== undefined) {
    return stem(column, key.targetColumns[key.columns.indexOf(column)] ?? "") || to.entity;
  }
  return toSame.length > 0 && own.length > 0 ? `${to.entity}By${own.map(pascalName).join("And")}` : to.entity;
}

/** `original_language_id` → `originalLanguage`, `fk_country` → `country`, `country_code` → `country` where it points to a `code`. */
export function stem(column: string, targetColumn: string): string {
  const all = words(column);
  const target = words(targetColumn);
  const offset = all.length - target.length;
  const endsWithTarget = offset > 0 && target.length > 0 && target.every((word, index) => all[offset + index] === word);
  const isMark = (word: string | undefined): boolean => ["id", "fk", "pk", "uuid", "key"].includes(word ?? "");
  let rest = all;
  if (isMark(all.at(-1))) rest = all.slice(0, -1);
  else if (endsWithTarget) rest = all.slice(0, offset);
  if (isMark(rest[0])) rest = rest.slice(1);
  return rest.length === 0 ? "" : camelName(rest.join("_"));
}
