/** Rows grouped by values, with measures for each group. */

import type { GroupKey, GroupsNode, Having, Measure } from "../plan/plan.ts";
import { withoutDomains } from "../schema/pg-types.ts";
import { measuresText } from "./aggregate.ts";
import { allOf, anyOf, comparisonSql } from "./condition.ts";
import { type Fragment, integer, join, literal, sql } from "./fragment.ts";
import { textOf } from "./json-text.ts";
import { bounded, open, whereSql } from "./lists.ts";
import { measureSql } from "./measure.ts";
import { along, orderBy } from "./order.ts";
import { limitSql, offsetSql } from "./paging.ts";
import type { Render } from "./render.ts";
import type { Rendering, Row } from "./scope.ts";
import { valueSql } from "./value.ts";

/**
 * The keys and the measured values are named once in an inner select, so that a key that is a subquery (a value of a
 * related row) can be grouped by; PostgreSQL flattens it where the keys are plain columns.
 */
export function groupsText(node: GroupsNode, parent: Row, render: Render): Fragment {
  const groups = render.alias();
  const list = bounded(sql`'[' || coalesce(string_agg(${groups}.j, ','), '') || ']'`, node, render.limits.pageRowsMax);
  const rows = groupRows(node, parent, render, (measureOf, keyOf) => {
    const text = textOf(measuresText(node.output, render, measureOf, keyOf));
    return sql`${text} as j`;
  });
  const page = sql`${limitSql(node.rows.limit, render.limits.pageRowsMax)}${offsetSql(node.rows.offset)}`;
  return sql`(select ${list} from (${rows}${page}) as ${groups})`;
}

/** One row for each group, in order; `select` says what of it, from the names of its keys and measures. */
export function groupRows(
  node: GroupsNode,
  parent: Row | undefined,
  rendering: Rendering,
  select: (measureOf: (measure: Measure) => Fragment, keyOf: (index: number) => Fragment) => Fragment,
): Fragment {
  const opened = open(node.rows, parent, rendering);
  const source = rendering.alias();
  const keys = node.keys.map((key, index) => ({
    name: sql`${source}.k${integer(index)}`,
    column: sql`${keySql(key, opened.row, rendering)} as k${integer(index)}`,
  }));
  const measured: Fragment[] = [];
  const names = new Map<string, Fragment>();
  const measureOf = (measure: Measure): Fragment =>
    measureSql(measure, (value) => {
      const id = JSON.stringify(value);
      const known = names.get(id);
      if (known) return known;
      const position = integer(names.size);
      measured.push(sql`${valueSql(value, opened.row)} as v${position}`);
      const name = sql`${source}.v${position}`;
      names.set(id, name);
      return name;
    });
  const keyOf = (index: number): Fragment => keys[index]?.name as Fragment;
  const selected = select(measureOf, keyOf);
  const having = node.having ? sql` having ${havingSql(node.having, measureOf)}` : sql``;
  const order = orderBy(
    node.order.map(({ by, direction, nulls }) => ({
      sql: by.kind === "key" ? keyOf(by.index) : measureOf(by.measure),
      direction,
      nulls,
      nullable: true,
    })),
  );
  const columns = join([...keys.map((key) => key.column), ...measured], ", ");
  const inner = sql`select ${columns} from ${opened.from}${whereSql(opened.where)}`;
  const by = join(
    keys.map((key) => key.name),
    ", ",
  );
  return sql`select ${selected} from (${inner}) as ${source} group by ${by}${having}${order}`;
}

function keySql(key: GroupKey, row: Row, rendering: Rendering): Fragment {
  const value = along(key.path, row, rendering, (target) => valueSql(key.value, target));
  if (!key.bucket) return value;
  const type = withoutDomains(key.value.type);
  const name = type.kind === "base" ? type.name : "";
  const unit = literal(key.bucket);
  if (name === "timestamptz") return sql`date_trunc(${unit}, ${value}, 'UTC')`;
  return name === "date" ? sql`date_trunc(${unit}, ${value}::timestamp)::date` : sql`date_trunc(${unit}, ${value})`;
}

function havingSql(having: Having, measureOf: (measure: Measure) => Fragment): Fragment {
  switch (having.kind) {
    case "and":
      return allOf(having.terms.map((term) => havingSql(term, measureOf)));
    case "or":
      return anyOf(having.terms.map((term) => havingSql(term, measureOf)));
    case "not":
      return sql`not (${havingSql(having.term, measureOf)})`;
    case "isNull":
      return having.negated
        ? sql`(${measureOf(having.measure)} is not null)`
        : sql`(${measureOf(having.measure)} is null)`;
    case "compare":
      return comparisonSql(having.operator, measureOf(having.measure), having.operand, having.type);
  }
}
