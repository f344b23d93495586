/** Relation fields both ways for each link, and many-to-many over junction tables. */

import type { RelationField } from "../model.ts";
import { capitalized, pascalName } from "../naming.ts";
import { plural } from "../plural.ts";
import { totalKey } from "../total-key.ts";
import type { Draft } from "./drafts.ts";
import { findLinks, type Link, viewsOf } from "./links.ts";
import { namesOfList } from "./type-names.ts";

/** Adds the relation fields of all drafts. Fields over columns have their names already and keep them. */
export function addRelations(drafts: readonly Draft[]): void {
  const behindViews = viewsOf(drafts);
  // Where a view stands for a table, the plain name leads to the view, and the table's rows are `…Row`.
  const suffix: Suffix = (seen, target) => (behindViews.has(target) && !behindViews.has(seen) ? "Row" : "");
  const links = findLinks(drafts);
  for (const link of links.flat()) addToOne(link, suffix(link.from, link.to));
  for (const link of links.flat()) addWayBack(link, suffix(link.to, link.from));
  for (const own of links) addManyToMany(own, suffix);
}

type Suffix = (seen: Draft, target: Draft) => "" | "Row";

const byColumns = ({ columns }: Link): string => `By${columns.map(pascalName).join("And")}`;

function addToOne(link: Link, suffix: string): void {
  const { from, to, role } = link;
  const candidates = [
    role + suffix,
    ...(role === to.entity ? [] : [role + capitalized(to.entity) + suffix]),
    to.entity + suffix + byColumns(link),
  ];
  const name = from.scope.claim(candidates, `Relation ${role} of ${from.name}`);
  from.fields.push({
    kind: "relation",
    name,
    cardinality: "one",
    type: to.name,
    nullable: !link.certain,
    local: link.columns,
    foreign: link.targetColumns,
  });
}

function addWayBack(link: Link, suffix: string): void {
  const { from, to, role, unique } = link;
  const base = unique ? from.entity + suffix : manyOf(from.entity + suffix);
  const byRole = `${base}By${capitalized(role)}`;
  const candidates = link.ambiguous && role !== to.entity ? [byRole] : [base, byRole];
  addRelation(to, [...candidates, base + byColumns(link)], from, {
    cardinality: unique ? "one" : "many",
    nullable: unique,
    local: link.targetColumns,
    foreign: link.columns,
  });
}

/**
 * A junction: its primary key, or where it has none the first key without nulls, is made of exactly two foreign keys. The table
 * itself stays an object as well.
 */
function addManyToMany(links: readonly Link[], suffix: Suffix): void {
  const junction = links[0]?.from.relation;
  if (junction?.kind !== "table") return;
  const identity = junction.keys.find(({ primary }) => primary) ?? junction.keys.find(({ nullable }) => !nullable);
  if (!identity || identity.assumed) return;
  const whole = identity.columns;
  const inKey = links.filter((link) => link.columns.every((column) => whole.includes(column)));
  const sides = [...new Set(inKey.map((link) => link.columns.join("\0")))];
  const [left, right] = sides.map((side) => inKey.filter((link) => link.columns.join("\0") === side));
  if (!left?.[0] || !right?.[0] || sides.length !== 2) return;
  const isWhole = (columns: readonly string[]): boolean => whole.every((column) => columns.includes(column));
  if (isWhole(left[0].columns) || isWhole(right[0].columns) || !isWhole([...left[0].columns, ...right[0].columns]))
    return;
  for (const a of left) {
    for (const b of right) {
      addThrough(a, b, suffix);
      addThrough(b, a, suffix);
    }
  }
}

function addThrough(near: Link, far: Link, suffix: Suffix): void {
  const { schema, name } = near.from.relation;
  const base = manyOf(far.role + suffix(near.to, far.to));
  addRelation(near.to, [base, `${base}By${capitalized(near.from.entity)}`], far.to, {
    cardinality: "many",
    nullable: false,
    local: near.targetColumns,
    foreign: far.targetColumns,
    through: { relation: { schema, name }, local: near.columns, foreign: far.columns },
  });
}

function addRelation(
  draft: Draft,
  candidates: readonly string[],
  target: Draft,
  relation: Omit<RelationField, "kind" | "name" | "type">,
): void {
  const isMany = relation.cardinality === "many";
  const what = `Relation ${candidates[0]} of ${draft.name}`;
  const name = draft.scope.claim([...new Set(candidates)], what, isMany ? namesOfList : undefined);
  // A cursor names a row by its key.
  const siblings = isMany && !totalKey(target.keys) ? { siblings: { connection: false } } : {};
  draft.fields.push({ kind: "relation", name, type: target.name, ...relation, ...siblings });
}

const manyOf = (word: string): string => (plural(word) === word ? `${word}List` : plural(word));
