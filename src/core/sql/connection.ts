/** Connections as JSON text. */
import type { ConnectionNode, ConnectionPart } from "../plan/plan.ts";
import {
  allRows,
  cursorAt,
  cursorSql,
  hasMore,
  innerColumn,
  openPage,
  type Page,
  pageRows,
  readsRows,
  totalCount,
} from "./connection-page.ts";
import { type Fragment, sql } from "./fragment.ts";
import { computed, constant, type JsonText, objectText, textOf } from "./json-text.ts";
import { failWith } from "./marker.ts";
import type { Render } from "./render.ts";
import type { Row } from "./scope.ts";

/** The JSON text of a connection; fails with PAGE_LIMIT where a page without a size has too many rows. */
export function connectionText(node: ConnectionNode, parent: Row, render: Render): Fragment {
  const page = openPage(node, parent, render);
  const members = node.output.map(({ key, part }) => ({ key, text: partText(part, page, parent, render) }));
  const body = textOf(objectText(members));
  if (!readsRows(node)) return body;
  const checked = node.size
    ? body
    : sql`case when count(*) > ${page.size} then ${failWith("PAGE_LIMIT", node.coordinate)} else ${body} end`;
  return sql`(select ${checked} from ${pageRows(page)} having true)`;
}

function partText(part: ConnectionPart, page: Page, parent: Row, render: Render): JsonText {
  switch (part.kind) {
    case "constant":
      return constant(part.json);
    case "totalCount":
      return computed(sql`${totalCount(page, parent)}::text`);
    case "nodes":
      return list(page, textOf(render.output(part.output, page.opened, page.joins)));
    case "edges":
      return list(
        page,
        textOf(
          objectText(
            part.output.map(({ key, part: edge }) => {
              if (edge.kind === "constant") return { key, text: constant(edge.json) };
              if (edge.kind === "cursor") return { key, text: quoted(cursorSql(page)) };
              return { key, text: render.output(edge.output, page.opened, page.joins) };
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

function list(page: Page, item: Fragment): JsonText {
  const name = innerColumn(page, item);
  return ["[", sql`coalesce(${allRows(page, (order) => sql`string_agg(${name}, ',' ${order})`)}, '')`, "]"];
}

const quoted = (token: Fragment): JsonText => ['"', token, '"'];

function pageInfo(kind: "hasNextPage" | "hasPreviousPage" | "startCursor" | "endCursor", page: Page): JsonText {
  if (kind === "hasNextPage" || kind === "hasPreviousPage") {
    const more = hasMore(kind, page);
    return typeof more === "boolean" ? constant(String(more)) : computed(sql`${more}::text`);
  }
  const cursor = innerColumn(page, textOf(quoted(cursorSql(page))));
  return computed(sql`coalesce(${cursorAt(kind, cursor, page)}, 'null')`);
}
