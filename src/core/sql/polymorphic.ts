/** Rows of several sources as one list. */
import type { PolymorphicNode } from "../plan/plan.ts";
import { type Fragment, integer, join, sql } from "./fragment.ts";
import { textOf } from "./json-text.ts";
import { open, whereSql } from "./lists.ts";
import { failWith } from "./marker.ts";
import { orderBy, renderTerms } from "./order.ts";
import { limitSql, offsetSql } from "./paging.ts";
import type { Render } from "./render.ts";
import type { Row } from "./scope.ts";

/** The JSON array of the rows of all members, those of one member behind those of another. */
export function polymorphicText(node: PolymorphicNode, parent: Row, render: Render): Fragment {
  const max = render.limits.pageRowsMax;
  const members = node.members.map(({ rows, output }, index) => {
    const opened = open(rows, parent, render);
    const inner: Fragment[] = [];
    const text = textOf(render.output(output, opened.row, inner));
    const order = orderBy(renderTerms(rows.order, opened.row, render));
    const read = render.alias();
    // The position keeps each member's order through the union, which promises none.
    return sql`select ${integer(index)} as m, row_number() over () as n, ${read}.j from (select ${render.member(index, text)} as j from ${join([opened.from, ...inner], " ")}${whereSql(opened.where)}${order}) as ${read}`;
  });
  if (members.length === 0) return sql`'[]'`;
  const all = render.alias();
  const page = sql`${limitSql(node.limit, max)}${offsetSql(node.offset)}`;
  const result = render.alias();
  const list = sql`'[' || coalesce(string_agg(${result}.j, ','), '') || ']'`;
  const checked = node.limit
    ? list
    : sql`case when count(*) > ${integer(max)} then ${failWith("PAGE_LIMIT", node.coordinate)} else ${list} end`;
  return sql`(select ${checked} from (select ${all}.j from (${join(members, " union all ")}) as ${all} order by ${all}.m, ${all}.n${page}) as ${result})`;
}
