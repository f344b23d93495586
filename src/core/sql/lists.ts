/** Lists of rows and single rows as JSON text. */

import { isUnique } from "../plan/order.ts";
import type { Condition, ListNode, OneNode, Output, Rows } from "../plan/plan.ts";
import { callArguments } from "./call.ts";
import { allOf, conditionSql, equalities, linkedFrom } from "./condition.ts";
import { columnsRead, type Fragment, integer, join, sql } from "./fragment.ts";
import { computed, type JsonText, textOf } from "./json-text.ts";
import { failWith } from "./marker.ts";
import { orderBy, renderTerms } from "./order.ts";
import { limitSql, offsetSql } from "./paging.ts";
import type { Render } from "./render.ts";
import { type Rendering, type Row, rowOf } from "./scope.ts";
import { relationName } from "./value.ts";

export type Opened = {
  readonly row: Row;
  readonly from: Fragment;
  /** Columns that equal the parent's, where the rows are linked. */
  readonly keys: readonly Fragment[];
  /** Everything that must hold, the link to `parent` included when it is given. */
  readonly where: Fragment | undefined;
};

/** FROM and WHERE of rows. */
export function open(rows: Rows, parent: Row | undefined, rendering: Rendering): Opened {
  const alias = rendering.alias();
  const plain = rowOf(rows.object, alias);
  const row: Row = rows.source.kind === "function" ? { ...plain, unproven: true } : plain;
  const source =
    rows.source.kind === "relation"
      ? sql`${relationName(rows.source.relation)} as ${alias}`
      : sql`${relationName(rows.source.function)}(${callArguments(rows.source.arguments)}) as ${alias}`;
  const { from, keys } = rows.link ? linkedFrom(source, alias, rows.link, rendering) : { from: source, keys: [] };
  const terms = [
    // A function that returns no row gives one of nothing but nulls in FROM.
    ...(rows.source.kind === "function" && !rows.source.set ? [sql`not (${alias} is null)`] : []),
    ...(rows.link && parent ? [equalities(keys, rows.link, parent)] : []),
    ...(rows.where ? [filterSql(rows, rows.where, row, rendering)] : []),
  ];
  return { row, from, keys, where: terms.length > 0 ? allOf(terms) : undefined };
}

/**
 * Rows of a function keep its own order where no other is asked for. A condition on related rows would become a join, which
 * may turn the order around; inside of `case` it is looked up row by row.
 */
function filterSql({ keepsOrder }: Rows, where: Condition, row: Row, rendering: Rendering): Fragment {
  const condition = conditionSql(where, row, rendering);
  return keepsOrder && readsRelated(where) ? sql`case when ${condition} then true end` : condition;
}

function readsRelated(condition: Condition): boolean {
  if (condition.kind === "and" || condition.kind === "or") return condition.terms.some(readsRelated);
  return condition.kind === "related" || (condition.kind === "not" && readsRelated(condition.term));
}

/** Nothing where there is no condition. */
export const whereSql = (condition: Fragment | undefined): Fragment => (condition ? sql` where ${condition}` : sql``);

/** The JSON array of the rows; a grouped one adds its join. */
export function listText(node: ListNode, parent: Row, joins: Fragment[], render: Render): JsonText {
  return node.rows.strategy.kind === "grouped" && node.rows.link
    ? computed(groupedList(node, parent, joins, render))
    : correlatedList(node, parent, render);
}

/**
 * `'[' || (select string_agg(<object>, ',') from (select <columns> from … order by … limit …) t) || ']'`: the objects
 * are made behind the limit, so that no text is made for a row that is not shown. The brackets stand outside, where they
 * merge with the constants around them: inside, each would copy the whole list once more.
 */
function correlatedList(node: ListNode, parent: Row, render: Render): JsonText {
  const { rows } = node;
  const opened = open(rows, parent, render);
  const inner: Fragment[] = [];
  const text = textOf(render.output(node.output, opened.row, inner));
  const order = orderBy(renderTerms(rows.order, opened.row, render));
  const rowsMax = rows.link ? render.limits.pageRowsMax : render.rootRowsMax;
  const page = sql`${whereSql(opened.where)}${order}${limitSql(rows.limit, rowsMax)}${offsetSql(rows.offset)}`;
  if (inner.length === 0 && !readsWholeRow(node.output)) {
    const list = bounded(sql`coalesce(string_agg(${text}, ','), '')`, node, rowsMax);
    const columns = columnList(list, opened.row.alias);
    return inBrackets(sql`(select ${list} from (select ${columns} from ${opened.from}${page}) as ${opened.row.alias})`);
  }
  const result = render.alias();
  const list = bounded(sql`coalesce(string_agg(${result}.j, ','), '')`, node, rowsMax);
  const source = join([opened.from, ...inner], " ");
  return inBrackets(sql`(select ${list} from (select ${text} as j from ${source}${page}) as ${result})`);
}

const inBrackets = (elements: Fragment): JsonText => ["[", elements, "]"];

/** What a select has to give for a text that is made around it. */
export function columnList(reader: Fragment, row: Fragment): Fragment {
  const columns = columnsRead(reader, row);
  return columns.length > 0 ? join(columns, ", ") : sql`1 as one`;
}

/** A function of a row takes a row of its relation, which the row of a subquery is not. */
export function readsWholeRow(output: Output): boolean {
  return output.some(
    ({ node }) =>
      (node.kind === "scalar" && node.value.from === "function") ||
      (node.kind === "embedded" && (node.value.from === "function" || readsWholeRow(node.output))),
  );
}

/**
 * A row with one text for each row of a page. Where there is a limit, texts are made behind it, so that none is made for a row
 * that is not shown.
 */
export function textsOfRows(
  text: Fragment,
  { rows, output }: { readonly rows: Rows; readonly output: Output },
  { opened, joins, page }: { readonly opened: Opened; readonly joins: readonly Fragment[]; readonly page: Fragment },
): Fragment {
  if (!rows.limit || joins.length > 0 || readsWholeRow(output)) {
    return sql`select ${text} as line from ${join([opened.from, ...joins], " ")}${page}`;
  }
  const { alias } = opened.row;
  return sql`select ${text} as line from (select ${columnList(text, alias)} from ${opened.from}${page}) as ${alias}`;
}

/** One pass over all linked rows, joined to their parents: for lists whose parents are all shown. */
function groupedList(node: ListNode, parent: Row, joins: Fragment[], render: Render): Fragment {
  const { rows } = node;
  const opened = open(rows, undefined, render);
  const inner: Fragment[] = [];
  const text = textOf(render.output(node.output, opened.row, inner));
  const keys = opened.keys.map((key, index) => ({ key, name: sql`k${integer(index)}` }));
  const order = orderBy([
    ...opened.keys.map((key) => ({ sql: key, direction: "asc", nulls: "last", nullable: false }) as const),
    ...renderTerms(rows.order, opened.row, render),
  ]);
  const read = render.alias();
  const grouped = render.alias();
  const list = bounded(sql`'[' || string_agg(${read}.j, ',') || ']'`, node, render.limits.pageRowsMax);
  const names = keys.map(({ name }) => sql`${read}.${name}`);
  const columns = join(
    keys.map(({ key, name }) => sql`${key} as ${name}`),
    ", ",
  );
  joins.push(
    sql`left join (select ${join(names, ", ")}, ${list} as j from (select ${columns}, ${text} as j from ${join([opened.from, ...inner], " ")}${whereSql(opened.where)}${order}) as ${read} group by ${join(names, ", ")}) as ${grouped} on ${equalities(
      keys.map(({ name }) => sql`${grouped}.${name}`),
      rows.link as NonNullable<Rows["link"]>,
      parent,
    )}`,
  );
  return sql`coalesce(${grouped}.j, '[]')`;
}

/** A list without a limit of its own that is longer than a page is an error, never a short list. */
export function bounded(
  list: Fragment,
  node: { readonly rows: Rows; readonly coordinate: string },
  rowsMax: number,
): Fragment {
  if (node.rows.limit) return list;
  return sql`case when count(*) > ${integer(rowsMax)} then ${failWith("PAGE_LIMIT", node.coordinate)} else ${list} end`;
}

/** The same as a condition over all rows of the list. */
export function tooLong(node: { readonly rows: Rows; readonly coordinate: string }, { limits }: Rendering): Fragment {
  if (node.rows.limit) return sql``;
  return sql` having case when count(*) > ${integer(limits.pageRowsMax)} then ${failWith("PAGE_LIMIT", node.coordinate)} is not null else true end`;
}

/** The JSON object of the row; where there is none, null, or a failure where it has to be there. */
export function oneText(node: OneNode, parent: Row, joins: Fragment[], render: Render): Fragment {
  const missing = node.nullable ? sql`'null'` : render.missing(node.coordinate);
  return oneTextOr(missing, node, parent, joins, render);
}

/** The text of the row, or `missing` where there is none. */
export function oneTextOr(missing: Fragment, node: OneNode, parent: Row, joins: Fragment[], render: Render): Fragment {
  return node.rows.strategy.kind === "grouped" && node.rows.link
    ? joinedOne(node, parent, joins, render, missing)
    : selectedOne(node, parent, render, missing);
}

function selectedOne(node: OneNode, parent: Row, render: Render, missing: Fragment): Fragment {
  const opened = open(node.rows, parent, render);
  const inner: Fragment[] = [];
  const text = textOf(render.output(node.output, opened.row, inner));
  const single = node.rows.link && !isUnique(node.rows.object, node.rows.link.foreign) ? sql` limit 1` : sql``;
  return sql`coalesce((select ${text} from ${join([opened.from, ...inner], " ")}${whereSql(opened.where)}${single}), ${missing})`;
}

/** A join over a unique key: it can neither drop nor repeat a parent. */
function joinedOne(node: OneNode, parent: Row, joins: Fragment[], render: Render, missing: Fragment): Fragment {
  const link = node.rows.link as NonNullable<Rows["link"]>;
  const opened = open(node.rows, undefined, render);
  joins.push(sql`left join ${opened.from} on ${equalities(opened.keys, link, parent)}`);
  const text = textOf(render.output(node.output, opened.row, joins));
  return sql`case when ${opened.keys[0] as Fragment} is not null then ${text} else ${missing} end`;
}
