/** Connections: one page of rows by keyset, with cursors made by PostgreSQL. */
import { FraiseqlError } from "../errors.ts";
import { decodeBase64url } from "../graphql/base64url.ts";
import { type Bind, bindKey, resolveBind, type Variables } from "../graphql/input.ts";
import { parseTexts } from "../graphql/node-id.ts";
import type { ConnectionNode, ConnectionPart } from "../plan/plan.ts";
import { allOf } from "./condition.ts";
import { type Fragment, integer, join, parameter, sql } from "./fragment.ts";
import { computed, constant, type JsonText, objectText, textOf } from "./json-text.ts";
import { columnList, open, readsWholeRow, whereSql } from "./lists.ts";
import { failWith } from "./marker.ts";
import { tokenSql } from "./node-id.ts";
import { LONE_SURROGATE } from "./operand.ts";
import { behind, orderBy, type RenderedTerm, renderTerms, reversed } from "./order.ts";
import type { Render } from "./output.ts";
import { count } from "./paging.ts";
import type { Row } from "./scope.ts";
import { typeName } from "./value.ts";

/**
 * The inner select reads one row more than the page and numbers the rows; the extra row only says that there are more.
 * Backward pages are read in reversed order and turned around when they are joined.
 */
export function connectionText(node: ConnectionNode, parent: Row, render: Render): Fragment {
  const opened = open(node.rows, parent, render);
  const terms = renderTerms(node.rows.order, opened.row, render);
  const direction = node.backward ? terms.map(reversed) : terms;
  const conditions = [
    ...(opened.where ? [opened.where] : []),
    ...(node.after ? [behind(terms, cursorValues("after", node.after, node, terms))] : []),
    ...(node.before ? [behind(terms.map(reversed), cursorValues("before", node.before, node, terms))] : []),
  ];
  const size = node.size
    ? count(node.backward ? "last" : "first", node.size, render.limits.pageRowsMax)
    : integer(render.limits.pageRowsMax);
  const read = render.alias();
  const columns: Page["columns"] = [];
  const inner: Fragment[] = [];
  const page: Page = { node, render, opened: opened.row, read, size, columns, joins: inner, terms };
  const body = textOf(objectText(node.output.map(({ key, part }) => ({ key, text: partText(part, page, parent) }))));
  if (!node.output.some(({ part }) => part.kind === "edges" || part.kind === "nodes" || part.kind === "pageInfo"))
    return body;
  const checked = node.size
    ? body
    : sql`case when count(*) > ${size} then ${failWith("PAGE_LIMIT", node.coordinate)} else ${body} end`;
  const selected = columnsSql(columns, (value) => value);
  // The extra row is not shown: nothing below it is read, and nothing that is wrong with it is an error.
  const shown = columnsSql(columns, (value) => sql`case when row_number() over () <= ${size} then ${value} end`);
  const where = whereSql(conditions.length > 0 ? allOf(conditions) : undefined);
  const source = sql`${join([opened.from, ...inner], " ")}${where}${orderBy(direction)} limit ${size} + 1`;
  const { alias } = opened.row;
  const outer = render.alias();
  // A window function is computed before the order of its own select, so the order stands further in. Texts are made
  // behind the limit, but for those that need a row of the relation itself.
  const numbered =
    inner.length === 0 && !needsWholeRow(node)
      ? sql`select row_number() over () as n${shown} from (select ${columnList(selected, alias)} from ${source}) as ${alias}`
      : sql`select row_number() over () as n, ${outer}.* from (select 1 as one${selected} from ${source}) as ${outer}`;
  return sql`(select ${checked} from (${numbered}) as ${read} having true)`;
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

type Page = {
  readonly node: ConnectionNode;
  readonly render: Render;
  readonly opened: Row;
  readonly read: Fragment;
  readonly size: Fragment;
  /** Columns of the inner select, filled while the parts are rendered. */
  readonly columns: { readonly text: string; readonly value: Fragment; readonly name: Fragment }[];
  readonly joins: Fragment[];
  readonly terms: readonly RenderedTerm[];
};

function partText(part: ConnectionPart, page: Page, parent: Row): JsonText {
  switch (part.kind) {
    case "constant":
      return constant(part.json);
    case "totalCount": {
      const all = open(page.node.rows, parent, page.render);
      return computed(sql`(select count(*) from ${all.from}${whereSql(all.where)})::text`);
    }
    case "nodes":
      return list(page, textOf(page.render.output(part.output, page.opened, page.joins)));
    case "edges":
      return list(
        page,
        textOf(
          objectText(
            part.output.map(({ key, part: edge }) => {
              if (edge.kind === "constant") return { key, text: constant(edge.json) };
              if (edge.kind === "cursor") return { key, text: quoted(cursorSql(page)) };
              return { key, text: page.render.output(edge.output, page.opened, page.joins) };
            }),
          ),
        ),
      );
    case "pageInfo":
      return objectText(
        part.output.map(({ key, part: info }) => ({
          key,
          text: info.kind === "constant" ? constant(info.json) : pageInfo(info.kind, page),
        })),
      );
  }
}

/** A column of the inner select, and the name it can be read by outside. */
function innerColumn(page: Page, value: Fragment): Fragment {
  const text = JSON.stringify(value.parts);
  const known = page.columns.findIndex((column) => column.text === text);
  const name = sql`c${integer(known < 0 ? page.columns.length : known)}`;
  if (known < 0) page.columns.push({ text, value, name });
  return sql`${page.read}.${name}`;
}

function list(page: Page, item: Fragment): JsonText {
  const name = innerColumn(page, item);
  const direction = page.node.backward ? sql` desc` : sql``;
  return [
    "[",
    sql`coalesce(string_agg(${name}, ',' order by ${page.read}.n${direction}) filter (where ${page.read}.n <= ${page.size}), '')`,
    "]",
  ];
}

const quoted = (token: Fragment): JsonText => ['"', token, '"'];

function cursorSql(page: Page): Fragment {
  return tokenSql(
    page.node.fingerprint,
    page.terms.map((term) => term.sql),
  );
}

function pageInfo(kind: "hasNextPage" | "hasPreviousPage" | "startCursor" | "endCursor", page: Page): JsonText {
  const { node, read, size } = page;
  const more = computed(sql`(count(*) > ${size})::text`);
  switch (kind) {
    case "hasNextPage":
      return node.backward ? constant(String(node.before !== undefined)) : more;
    case "hasPreviousPage":
      return node.backward ? more : constant(String(node.after !== undefined));
    case "startCursor":
    case "endCursor": {
      const cursor = innerColumn(page, textOf(quoted(cursorSql(page))));
      const first = (kind === "startCursor") !== node.backward;
      // The first row read, or the last one of the page.
      return first
        ? computed(sql`coalesce(max(${cursor}) filter (where ${read}.n = 1 and ${size} > 0), 'null')`)
        : computed(
            sql`coalesce((array_agg(${cursor} order by ${read}.n desc) filter (where ${read}.n <= ${size}))[1], 'null')`,
          );
    }
  }
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
    return sql`${parameter({ key: `${node.fingerprint}:${index}:${bindKey(bind)}`, read })}::${typeName(type)}`;
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
  if (!fits || value === undefined || value?.includes("\0") || (value && LONE_SURROGATE.test(value))) {
    throw new FraiseqlError(
      "BAD_CURSOR",
      `${name} is not a cursor of this list in this order; take it from the same connection with the same orderBy.`,
    );
  }
  return value;
}
