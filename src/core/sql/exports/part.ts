/**
 * A part of a table, by the pages its rows lie on. A row that a snapshot sees lies in one place, so parts that cover all pages
 * hold each row once, whatever keys the table has; PostgreSQL reads only the pages of the part.
 */
import type { AuthorizedPlan, Plan } from "../../plan/plan.ts";
import type { QualifiedName } from "../../schema/catalog.ts";
import { columnOf, type Fragment, parameter, sql } from "../fragment.ts";
import { rootOf } from "../root.ts";
import type { CompiledStatement, Statement } from "../statement.ts";

/** `from` is the first page, `to` the one behind the last; undefined where the part goes on to the end of the table. */
export type Part = { readonly from: number; readonly to: number | undefined };

const FROM = "part:from";
const TO = "part:to";
/** Pages are numbered with 32 bits, and there is none of this number. */
const PAGE_MAX = 4_294_967_295;

/** The table whose parts make up the answer, where the operation is one whole list of its rows. */
export function divisibleRelation(plan: Plan): QualifiedName | undefined {
  const { node } = rootOf(plan as AuthorizedPlan);
  if (node.kind !== "list" || node.rows.limit || node.rows.offset || node.rows.source.kind !== "relation")
    return undefined;
  return node.rows.source.relation;
}

/** That a row lies between the two places which `fillPart` gives. */
export function partSql(alias: Fragment): Fragment {
  const place = columnOf(alias, "ctid");
  const bound = (key: string): Fragment => sql`${parameter({ key, read: () => null })}::tid`;
  return sql`(${place} >= ${bound(FROM)} and ${place} < ${bound(TO)})`;
}

/** A statement that was filled for a request, for one part. */
export function fillPart(compiled: CompiledStatement, statement: Statement, { from, to }: Part): Statement {
  return fillPlaces(compiled, statement, { [FROM]: `(${from},0)`, [TO]: `(${to ?? PAGE_MAX},0)` });
}

/** A filled statement with other values in the places of some keys. */
export function fillPlaces(
  { parameterNames }: CompiledStatement,
  statement: Statement,
  places: Readonly<Record<string, string | null>>,
): Statement {
  const values = statement.values.map((value, index) => places[parameterNames[index] ?? ""] ?? value);
  return { ...statement, values };
}

/** Cuts so many pages into parts of about the same size. What is added behind them belongs to the last. */
export function partsOf(pages: number, count: number): readonly Part[] {
  return Array.from({ length: count }, (_, index) => ({
    from: Math.floor((pages * index) / count),
    to: index + 1 === count ? undefined : Math.floor((pages * (index + 1)) / count),
  }));
}
