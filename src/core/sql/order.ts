/** Orders as SQL, and the predicates that continue a page behind a cursor. */
import { isUnique } from "../plan/order.ts";
import type { Hop, OrderTerm } from "../plan/plan.ts";
import type { PgType } from "../schema/catalog.ts";
import { allOf, anyOf, conditionSql, reach } from "./condition.ts";
import { type Fragment, join, sql } from "./fragment.ts";
import { measureSql } from "./measure.ts";
import type { Rendering, Row } from "./scope.ts";
import { valueSql } from "./value.ts";

export type RenderedTerm = OrderTerm & { readonly sql: Fragment; readonly type: PgType };

/** The terms with their SQL and its type. */
export function renderTerms(terms: readonly OrderTerm[], row: Row, rendering: Rendering): readonly RenderedTerm[] {
  return terms.map((term) => ({ ...term, sql: termSql(term, row, rendering), type: termType(term) }));
}

function termSql({ value }: OrderTerm, row: Row, rendering: Rendering): Fragment {
  return along(value.path, row, rendering, (target) => {
    if (value.kind === "value") return valueSql(value.value, target);
    const { link, object, where } = value.rows;
    if (!link) throw new TypeError("an order by a measure needs a link");
    const { from, row: measured, on } = reach({ object, link }, target, rendering);
    const condition = where ? sql`${on} and ${conditionSql(where, measured, rendering)}` : on;
    return sql`(select ${measureSql(value.measure, (source) => valueSql(source, measured))} from ${from} where ${condition})`;
  });
}

/** A value of the row reached over to-one relations. */
export function along(path: readonly Hop[], row: Row, rendering: Rendering, read: (target: Row) => Fragment): Fragment {
  const [hop, ...rest] = path;
  if (!hop) return read(row);
  const { from, row: target, on } = reach(hop, row, rendering);
  const single = isUnique(hop.object, hop.link.foreign) ? sql`` : sql` limit 1`;
  return sql`(select ${along(rest, target, rendering, read)} from ${from} where ${on}${single})`;
}

function termType({ value }: OrderTerm): PgType {
  if (value.kind === "value") return value.value.type;
  return value.measure.function === "count" ? { kind: "base", name: "int8" } : value.measure.shape.type;
}

type Ordered = {
  readonly direction: "asc" | "desc";
  readonly nulls: "first" | "last";
  readonly nullable: boolean;
  readonly sql: Fragment;
};

/** `order by …`; the nulls are named only where they matter, so that a plain index serves. */
export function orderBy(terms: readonly Ordered[]): Fragment {
  if (terms.length === 0) return sql``;
  return sql` order by ${join(terms.map(orderTermSql), ", ")}`;
}

function orderTermSql({ sql: value, direction, nulls, nullable }: Ordered): Fragment {
  const usual = direction === "asc" ? "last" : "first";
  const directed = direction === "asc" ? value : sql`${value} desc`;
  if (!nullable || nulls === usual) return directed;
  return nulls === "first" ? sql`${directed} nulls first` : sql`${directed} nulls last`;
}

/** The term in the opposite direction, with nulls at the other end. */
export function reversed<T extends Ordered>(term: T): T {
  return {
    ...term,
    direction: term.direction === "asc" ? "desc" : "asc",
    nulls: term.nulls === "first" ? "last" : "first",
  };
}

/** Rows strictly behind the cursor in this order. `cursor[i]` is the typed value of term i and may be null where the term is nullable. */
export function behind(terms: readonly Ordered[], cursor: readonly Fragment[]): Fragment {
  const [first] = terms;
  if (!first) return sql`false`;
  const uniform = terms.every((term) => !term.nullable && term.direction === first.direction);
  if (uniform) {
    const values = join(
      terms.map((term) => term.sql),
      ", ",
    );
    const marks = join(cursor, ", ");
    return first.direction === "asc" ? sql`(${values}) > (${marks})` : sql`(${values}) < (${marks})`;
  }
  const exact = lexicographic(terms, cursor);
  if (first.nullable) return exact;
  // Implied by the rest; an index can use it.
  const bound =
    first.direction === "asc"
      ? sql`${first.sql} >= ${cursor[0] as Fragment}`
      : sql`${first.sql} <= ${cursor[0] as Fragment}`;
  return allOf([bound, exact]);
}

function lexicographic(terms: readonly Ordered[], cursor: readonly Fragment[]): Fragment {
  const [term, ...rest] = terms;
  const [mark, ...marks] = cursor;
  if (!term || !mark) return sql`false`;
  const greater = beyond(term, mark);
  if (rest.length === 0) return greater;
  const equal = term.nullable ? sql`${term.sql} is not distinct from ${mark}` : sql`${term.sql} = ${mark}`;
  return anyOf([greater, allOf([equal, lexicographic(rest, marks)])]);
}

function beyond(term: Ordered, mark: Fragment): Fragment {
  const greater = term.direction === "asc" ? sql`${term.sql} > ${mark}` : sql`${term.sql} < ${mark}`;
  if (!term.nullable) return greater;
  const crossing =
    term.nulls === "last"
      ? sql`(${term.sql} is null and ${mark} is not null)`
      : sql`(${term.sql} is not null and ${mark} is null)`;
  return anyOf([greater, crossing]);
}
