/** Conditions as SQL, with SQL's three-valued logic. */
import type { Bind } from "../graphql/input.ts";
import type { Operator } from "../plan/operators.ts";
import { sourceOf } from "../plan/order.ts";
import type { Condition, Hop, Link } from "../plan/plan.ts";
import type { PgType } from "../schema/catalog.ts";
import { withoutDomains } from "../schema/pg-types.ts";
import { columnOf, type Fragment, join, sql } from "./fragment.ts";
import { comparisonOperand } from "./operand.ts";
import { type Rendering, type Row, rowOf } from "./scope.ts";
import { relationName, typeName, valueSql } from "./value.ts";

/** A condition over one row as SQL. */
export function conditionSql(condition: Condition, row: Row, rendering: Rendering): Fragment {
  switch (condition.kind) {
    case "and":
      return allOf(condition.terms.map((term) => conditionSql(term, row, rendering)));
    case "or":
      return anyOf(condition.terms.map((term) => conditionSql(term, row, rendering)));
    case "not":
      return sql`not (${conditionSql(condition.term, row, rendering)})`;
    case "isNull": {
      const value = valueSql(condition.value, row);
      return condition.negated ? sql`(${value} is not null)` : sql`(${value} is null)`;
    }
    case "compare": {
      const { operator, operand, value, length } = condition;
      const type = length ? ({ kind: "base", name: "int4" } as const) : value.type;
      const plain = valueSql(value, row);
      return comparisonSql(operator, length ? sql`cardinality(${plain})` : plain, operand, type);
    }
    case "related": {
      const { quantifier, hop, where } = condition;
      const { from, row: target, on } = reach(hop, row, rendering);
      const inner = where && conditionSql(where, target, rendering);
      if (quantifier === "every")
        return inner ? sql`(not exists (select 1 from ${from} where ${on} and (${inner}) is not true))` : sql`true`;
      const found = sql`exists (select 1 from ${from} where ${inner ? sql`${on} and ${inner}` : on})`;
      return quantifier === "none" ? sql`(not ${found})` : sql`(${found})`;
    }
  }
}

/** One comparison of a value of `type` with what the request gives. */
export function comparisonSql(operator: Operator, value: Fragment, operand: Bind, type: PgType): Fragment {
  const left = comparedAsText(type, operator) ? sql`${value}::text` : withoutDomainElements(value, type);
  const collated = matchedByDefault(type, operator) ? sql`${left} collate "default"` : left;
  return sql`(${operator.sql(collated, comparisonOperand(operator, operand, type))})`;
}

/** PostgreSQL has no patterns under a nondeterministic collation, before version 18 not even `like`; the database's own is none. */
const matchedByDefault = (type: PgType, { family }: Operator): boolean => {
  const base = withoutDomains(type);
  return family === "text" && base.kind === "base" && base.collation === "nondeterministic";
};

/** A name is compared in full length; patterns see a `char(n)` without its padding, as it is answered. */
const comparedAsText = (type: PgType, { family }: Operator): boolean => {
  const base = withoutDomains(type);
  return base.kind === "base" && (base.name === "name" || (base.name === "bpchar" && family === "text"));
};

/** PostgreSQL sees through a domain, but not through an array of one: it has no operator for that and an array of the base. */
function withoutDomainElements(value: Fragment, type: PgType): Fragment {
  const base = withoutDomains(type);
  return base.kind === "array" && base.element.kind === "domain" ? sql`${value}::${typeName(base)}` : value;
}

/** Terms joined by `and`; none of them is true. */
export function allOf(terms: readonly Fragment[]): Fragment {
  const [only] = terms;
  if (!only) return sql`true`;
  return terms.length === 1 ? only : sql`(${join(terms, " and ")})`;
}

/** Terms joined by `or`; none of them is false. */
export function anyOf(terms: readonly Fragment[]): Fragment {
  const [only] = terms;
  if (!only) return sql`false`;
  return terms.length === 1 ? only : sql`(${join(terms, " or ")})`;
}

export type Reached = {
  readonly from: Fragment;
  readonly row: Row;
  readonly on: Fragment /** Columns that equal the parent's `local`. */;
  readonly keys: readonly Fragment[];
};

/** The rows a link leads to from a row: FROM items and the equality. */
export function reach(hop: Hop, parent: Row, rendering: Rendering): Reached {
  const alias = rendering.alias();
  const source = sourceOf(hop.object);
  if (source.kind !== "relation") throw new TypeError("a link leads to a relation");
  const { from, keys } = linkedFrom(sql`${relationName(source.relation)} as ${alias}`, alias, hop.link, rendering);
  return { from, row: rowOf(hop.object, alias), keys, on: equalities(keys, hop.link, parent) };
}

/** FROM items of linked rows, and the columns that hold the parent's key. */
export function linkedFrom(
  rows: Fragment,
  alias: Fragment,
  link: Link,
  rendering: Rendering,
): { readonly from: Fragment; readonly keys: readonly Fragment[] } {
  const { through, foreign } = link;
  if (!through) return { from: rows, keys: foreign.map((name) => columnOf(alias, name)) };
  const junction = rendering.alias();
  const on = through.foreign.map(
    (name, index) => sql`${columnOf(junction, name)} = ${columnOf(alias, foreign[index] as string)}`,
  );
  return {
    from: sql`${relationName(through.relation)} as ${junction} join ${rows} on ${join(on, " and ")}`,
    keys: through.local.map((name) => columnOf(junction, name)),
  };
}

/** That a row belongs to its parent: each of its keys against the column of the parent. */
export function equalities(keys: readonly Fragment[], link: Link, parent: Row): Fragment {
  return join(
    keys.map((key, index) => sql`${key} = ${columnOf(parent.alias, link.local[index] as string)}`),
    " and ",
  );
}
