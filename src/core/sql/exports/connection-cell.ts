/** A connection inside of a row as a record of what is selected of it: lists of its nodes or edges, its count, its page. */

import type { Column } from "../../columnar/column.ts";
import type { ConnectionNode, ConnectionPart, EdgePart, Output, PageInfoPart } from "../../plan/plan.ts";
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
} from "../connection-page.ts";
import { type Fragment, sql } from "../fragment.ts";
import { tooLong } from "../lists.ts";
import type { Row } from "../scope.ts";
import { type Cell, constantCell, listOfRecords, recordOf, scalarCell, structCell, type Tables } from "./cell.ts";

/** Makes the cells of a selection; given, so that this file and that of all cells do not import one another. */
export type CellsOf = (output: Output, row: Row, joins: Fragment[], tables: Tables) => readonly Cell[];

export function connectionCell(
  name: string,
  node: ConnectionNode,
  parent: Row,
  tables: Tables,
  cellsOf: CellsOf,
): Cell {
  const page = openPage(node, parent, tables);
  const select = (output: Output): readonly Cell[] => cellsOf(output, page.opened, page.joins, tables);
  const cells = node.output.map(({ key, part }) => partCell(key, part, { page, parent, tables, select }));
  if (!readsRows(node)) return structCell(name, cells, false, node.coordinate, (record) => record);
  const { rows, size, coordinate } = node;
  const having = tooLong({ rows: size ? { ...rows, limit: size } : rows, coordinate }, tables);
  return structCell(
    name,
    cells,
    false,
    coordinate,
    (record) => sql`(select ${record} from ${pageRows(page)}${size ? sql` having true` : having})`,
  );
}

type Parts = {
  readonly page: Page;
  readonly parent: Row;
  readonly tables: Tables;
  readonly select: (output: Output) => readonly Cell[];
};

function partCell(name: string, part: ConnectionPart, parts: Parts): Cell {
  const { page, parent, tables, select } = parts;
  const coordinate = `${page.node.coordinate}.${name}`;
  switch (part.kind) {
    case "constant":
      return constantCell(name, part.json, coordinate);
    case "totalCount":
      return scalarCell(name, totalCount(page, parent), { kind: "base", name: "int8" }, false, coordinate, tables);
    case "nodes":
      return listCell(name, select(part.output), coordinate, page);
    case "edges":
      return listCell(
        name,
        part.output.map((each) => edgeCell(each.key, each.part, coordinate, parts)),
        coordinate,
        page,
      );
    case "pageInfo": {
      const cells = part.output.map((each) => pageInfoCell(each.key, each.part, page, tables));
      return structCell(name, cells, false, coordinate, (record) => record);
    }
  }
}

function listCell(name: string, cells: readonly Cell[], coordinate: string, page: Page): Cell {
  const record = innerColumn(page, recordOf(cells));
  return listOfRecords(
    name,
    cells,
    coordinate,
    allRows(page, (order) => sql`array_agg(${record} ${order})`),
  );
}

function edgeCell(name: string, part: EdgePart, of: string, { page, select }: Parts): Cell {
  const coordinate = `${of}.${name}`;
  switch (part.kind) {
    case "constant":
      return constantCell(name, part.json, coordinate);
    case "cursor":
      return { column: cursorColumn(name, coordinate, false), sql: cursorSql(page) };
    case "node":
      return structCell(name, select(part.output), false, coordinate, (record) => record);
  }
}

function pageInfoCell(name: string, part: PageInfoPart, page: Page, tables: Tables): Cell {
  const coordinate = `${page.node.coordinate}.${name}`;
  switch (part.kind) {
    case "constant":
      return constantCell(name, part.json, coordinate);
    case "hasNextPage":
    case "hasPreviousPage": {
      const more = hasMore(part.kind, page);
      const value = typeof more === "boolean" ? (more ? sql`true` : sql`false`) : more;
      return scalarCell(name, value, { kind: "base", name: "bool" }, false, coordinate, tables);
    }
    case "startCursor":
    case "endCursor":
      return {
        column: cursorColumn(name, coordinate, true),
        sql: cursorAt(part.kind, innerColumn(page, cursorSql(page)), page),
      };
  }
}

const cursorColumn = (name: string, coordinate: string, nullable: boolean): Column => ({
  name,
  type: { kind: "utf8" },
  nullable,
  coordinate,
});
