/** One cell of a table: its column, and the SQL that gives it. */
import type { Column, ColumnType } from "../../columnar/column.ts";
import { wireOf } from "../../columnar/column-type.ts";
import type { PgType } from "../../schema/catalog.ts";
import type { Lookup } from "../../schema/lookup.ts";
import type { EnumType } from "../../schema/model.ts";
import { type Fragment, join, literal, sql } from "../fragment.ts";
import type { Rendering } from "../scope.ts";

export type Cell = { readonly column: Column; readonly sql: Fragment };
export type Tables = Rendering & { readonly lookup: Lookup };

/** A text known when planning. */
export function constantCell(name: string, json: string, coordinate: string): Cell {
  return {
    column: { name, type: { kind: "utf8" }, nullable: false, coordinate },
    sql: sql`${literal(String(JSON.parse(json)))}::text`,
  };
}

/** A value of any type of PostgreSQL. */
export function scalarCell(
  name: string,
  value: Fragment,
  pgType: PgType,
  nullable: boolean,
  coordinate: string,
  tables: Tables,
): Cell {
  const { type, sql: wire } = wireOf(value, pgType, { enumOf: (each) => enumOf(tables.lookup, each), coordinate });
  return { column: { name, type, nullable, coordinate }, sql: wire };
}

function enumOf(lookup: Lookup, type: PgType): EnumType | undefined {
  return type.kind === "enum" ? lookup.enumOf(type) : undefined;
}

/** The cells of one record as one value. */
export function recordOf(cells: readonly Cell[]): Fragment {
  return sql`row(${join(
    cells.map((cell) => cell.sql),
    ", ",
  )})`;
}

/** A record: `around` puts its value where it comes from. */
export function structCell(
  name: string,
  cells: readonly Cell[],
  nullable: boolean,
  coordinate: string,
  around: (record: Fragment) => Fragment,
): Cell {
  const type: ColumnType = { kind: "struct", fields: cells.map(({ column }) => column) };
  return { column: { name, type, nullable, coordinate }, sql: around(recordOf(cells)) };
}

/** A list of rows: where there is none it is empty, and each of its elements is there. */
export function listOfRecords(name: string, cells: readonly Cell[], coordinate: string, list: Fragment): Cell {
  const item: Column = {
    name: "element",
    type: { kind: "struct", fields: cells.map(({ column }) => column) },
    nullable: false,
    coordinate,
  };
  return { column: { name, type: { kind: "list", item, nullIsEmpty: true }, nullable: false, coordinate }, sql: list };
}

/** A list that is a value of its row: it may be null, and so may its elements. */
export function listOfValues(name: string, cells: readonly Cell[], coordinate: string, list: Fragment): Cell {
  const item: Column = {
    name: "element",
    type: { kind: "struct", fields: cells.map(({ column }) => column) },
    nullable: true,
    coordinate,
  };
  return { column: { name, type: { kind: "list", item, nullIsEmpty: false }, nullable: true, coordinate }, sql: list };
}
