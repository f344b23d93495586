/** One page of a connection: its rows by keyset, numbered, with cursors made by PostgreSQL. */
import { FraiseqlError } from "../errors.ts";
import { decodeBase64url } from "../graphql/base64url.ts";
import { type Bind, bindKey, resolveBind, type Variables } from "../graphql/input.ts";
import { parseTexts } from "../graphql/node-id.ts";
import type { ConnectionNode } from "../plan/plan.ts";
import { allOf } from "./condition.ts";
import { type Fragment, integer, join, parameter, sql } from "./fragment.ts";
import { columnList, open, readsWholeRow, whereSql } from "./lists.ts";
import { tokenSql } from "./node-id.ts";
import { isStorable } from "./operand.ts";
import { behind, orderBy, type RenderedTerm, renderTerms, reversed } from "./order.ts";
import { count } from "./paging.ts";
import type { Rendering, Row } from "./scope.ts";
import { typeName } from "./value.ts";

export type Page = {
  readonly node: ConnectionNode;
  readonly rendering: Rendering;
  readonly opened: Row;
  readonly from: Fragment;
  readonly where: Fragment | undefined;
  /** The numbered rows, as they are read from outside. */
  readonly read: Fragment;
  readonly size: Fragment;
  /** Columns of the inner select, filled while the parts are rendered. */
  readonly columns: { readonly text: string; readonly value: Fragment; readonly name: Fragment }[];
  readonly joins: Fragment[];
  readonly terms: readonly RenderedTerm[];
};

/** The rows of a connection and how many are read; what the page shows is added to it. */
export function openPage(node: ConnectionNode, parent: Row, rendering: Rendering): Page {
  const { row, from, where } = open(node.rows, parent, rendering);
  const terms = renderTerms(node.rows.order, row, rendering);
  const size = node.size
    ? count(node.backward ? "last" : "first", node.size, rendering.limits.pageRowsMax)
    : integer(rendering.limits.pageRowsMax);
  const read = rendering.alias();
  return { node, rendering, opened: row, from, where, read, size, columns: [], joins: [], terms };
}

/** Whether anything of the connection is read from its rows. */
export function readsRows({ output }: ConnectionNode): boolean {
  return output.some(({ part }) => part.kind === "edges" || part.kind === "nodes" || part.kind === "pageInfo");
}

/**
 * What to select from, when all parts are rendered. The inner select reads one row more than the page and numbers the
 * rows; the extra row only says that there are more. Backward pages are read in reversed order and turned around when
 * they are joined.
 */
export function pageRows(page: Page): Fragment {
  const { node, rendering, opened, from, size, columns, joins, terms, read } = page;
  const conditions = [
    ...(page.where ? [page.where] : []),
    ...(node.after ? [behind(terms, cursorValues("after", node.after, node, terms))] : []),
    ...(node.before ? [behind(terms.map(reversed), cursorValues("before", node.before, node, terms))] : []),
  ];
  const direction = node.backward ? terms.map(reversed) : terms;
  const selected = columnsSql(columns, (value) => value);
  // The extra row is not shown: nothing below it is read, and nothing that is wrong with it is an error.
  const shown = columnsSql(columns, (value) => sql`case when row_number() over () <= ${size} then ${value} end`);
  const where = whereSql(conditions.length > 0 ? allOf(conditions) : undefined);
  const source = sql`${join([from, ...joins], " ")}${where}${orderBy(direction)} limit ${size} + 1`;
  const { alias } = opened;
  const outer = rendering.alias();
  // A window function is computed before the order of its own select, so the order stands further in. Texts are made
  // behind the limit, but for those that need a row of the relation itself.
  const numbered =
    joins.length === 0 && !needsWholeRow(node)
      ? sql`select row_number() over () as n${shown} from (select ${columnList(selected, alias)} from ${source}) as ${alias}`
      : sql`select row_number() over () as n, ${outer}.* from (select 1 as one${selected} from ${source}) as ${outer}`;
  return sql`(${numbered}) as ${read}`;
}

function columnsSql(columns: Page["columns"], read: (value: Fragment) => Fragment): Fragment {
  return join(
    columns.map(({ value, name }) => sql`, ${read(value)} as ${name}`),
    "",
  );
}

function needsWholeRow({ output, rows }: ConnectionNode): boolean {
  const ordered = rows.order.some(
    ({ value }) => value.kind === "value" && value.path.length === 0 && value.value.from === "function",
  );
  return (
    ordered ||
    output.some(({ part }) => {
      if (part.kind === "nodes") return readsWholeRow(part.output);
      return (
        part.kind === "edges" &&
        part.output.some(({ part: edge }) => edge.kind === "node" && readsWholeRow(edge.output))
      );
    })
  );
}

/** A column of the inner select, and the name it can be read by outside. */
export function innerColumn(page: Page, value: Fragment): Fragment {
  const text = JSON.stringify(value.parts);
  const known = page.columns.findIndex((column) => column.text === text);
  const name = sql`c${integer(known < 0 ? page.columns.length : known)}`;
  if (known < 0) page.columns.push({ text, value, name });
  return sql`${page.read}.${name}`;
}

/** Every row of the page, in order, as one value. */
export function allRows(page: Page, aggregate: (order: Fragment) => Fragment): Fragment {
  const direction = page.node.backward ? sql` desc` : sql``;
  return sql`${aggregate(sql`order by ${page.read}.n${direction}`)} filter (where ${page.read}.n <= ${page.size})`;
}

/** The cursor of the first or the last row of the page. */
export function cursorAt(kind: "startCursor" | "endCursor", cursor: Fragment, { node, read, size }: Page): Fragment {
  // The first row read, or the last one of the page.
  return (kind === "startCursor") !== node.backward
    ? sql`max(${cursor}) filter (where ${read}.n = 1 and ${size} > 0)`
    : sql`(array_agg(${cursor} order by ${read}.n desc) filter (where ${read}.n <= ${size}))[1]`;
}

/** Whether there are rows on that side: known from the request, or by the extra row. */
export function hasMore(kind: "hasNextPage" | "hasPreviousPage", { node, size }: Page): boolean | Fragment {
  if ((kind === "hasNextPage") !== node.backward) return sql`(count(*) > ${size})`;
  return (node.backward ? node.before : node.after) !== undefined;
}

/** All rows of the connection, whatever the page. */
export function totalCount({ node, rendering }: Page, parent: Row): Fragment {
  const all = open(node.rows, parent, rendering);
  return sql`(select count(*) from ${all.from}${whereSql(all.where)})`;
}

export function cursorSql(page: Page): Fragment {
  return tokenSql(
    page.node.fingerprint,
    page.terms.map((term) => term.sql),
  );
}

/** The values inside a cursor as typed parameters. */
function cursorValues(
  name: string,
  bind: Bind,
  node: ConnectionNode,
  terms: readonly RenderedTerm[],
): readonly Fragment[] {
  return terms.map(({ type, nullable }, index) => {
    const read = (variables: Variables): string | null =>
      readCursor(name, resolveBind(bind, variables), node.fingerprint, terms.length, index, nullable);
    const cast = typeName(type);
    return sql`${parameter({ key: `${node.fingerprint}:${index}:${bindKey(bind)}`, read, type: cast })}::${cast}`;
  });
}

function readCursor(
  name: string,
  token: unknown,
  fingerprint: string,
  length: number,
  index: number,
  nullable: boolean,
): string | null {
  const text = typeof token === "string" ? decodeBase64url(token) : undefined;
  const values = text === undefined ? undefined : parseTexts(text);
  const value = values?.[index + 1];
  const fits = values?.length === length + 1 && values[0] === fingerprint && (nullable || value !== null);
  if (!fits || value === undefined || (value !== null && !isStorable(value))) {
    throw new FraiseqlError(
      "BAD_CURSOR",
      `${name} is not a cursor of this list in this order; take it from the same connection with the same orderBy.`,
    );
  }
  return value;
}
