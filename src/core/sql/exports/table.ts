/**
 * A plan as a table: one row of the result for each row of its one list, in columns PostgreSQL sends in its binary form.
 * To-one selections and nested lists are records and arrays of records; rows, filters, orders and links are rendered by
 * the same functions as for JSON.
 */
import { type Column, shownColumns } from "../../columnar/column.ts";
import { createTableEncoders, type TableEncoders } from "../../columnar/table-encoders.ts";
import { createTableHeads, type TableHeads } from "../../columnar/table-head.ts";
import type { AuthorizedPlan, Output, Rows, ValueNode } from "../../plan/plan.ts";
import type { Lookup } from "../../schema/lookup.ts";
import { callArguments } from "../call.ts";
import { allOf } from "../condition.ts";
import { type Fragment, identifier, join, renderText, sql } from "../fragment.ts";
import { groupRows } from "../groups.ts";
import { columnList, open, readsWholeRow, whereSql } from "../lists.ts";
import { measureSql } from "../measure.ts";
import { orderBy, type RenderedTerm, renderTerms } from "../order.ts";
import { limitSql, offsetSql } from "../paging.ts";
import { notATable, rootOf, rowsOf } from "../root.ts";
import { createRendering, type Row, type Target } from "../scope.ts";
import { type CompiledStatement, statementOf } from "../statement.ts";
import { relationName, valueSql } from "../value.ts";
import { type Cell, scalarCell, type Tables } from "./cell.ts";
import { cellsOf } from "./cells.ts";
import { flatColumns, flatMeasureColumns, type Layout, refuseSameNames } from "./flat.ts";
import type { Form, TableForms } from "./form.ts";
import { measureCells } from "./measure-cells.ts";
import { partSql } from "./part.ts";
import { rangedList, rangeSql } from "./range.ts";

export type CompiledTable = {
  /** The response key of the list. */
  readonly name: string;
  readonly columns: readonly Column[];
  /** What is sent before the rows. */
  readonly heads: TableHeads;
  readonly encoders: TableEncoders;
  readonly statement: CompiledStatement;
  /** Of a whole list that can be read in ranges. */
  readonly ranged: ReturnType<typeof rangedList>;
};

/** What a statement reads of a list: all of it, a part in any order, or a range in order. */
type Cut = "whole" | "part" | "range";

const formOf = (layout: Layout, cut: Cut): Form<CompiledTable> => ({
  name: `table-${layout}-${cut}`,
  compile: (plan, lookup, target) => compileTable(plan, target, { lookup, layout, cut }),
});
const tableForms = (layout: Layout): Readonly<Record<Cut, Form<CompiledTable>>> => ({
  whole: formOf(layout, "whole"),
  part: formOf(layout, "part"),
  range: formOf(layout, "range"),
});

/** An operation as one table of typed columns; `range` is for one that is `ranged`. */
export const TABLE: Readonly<Record<Layout, TableForms<CompiledTable> & { readonly range: Form<CompiledTable> }>> = {
  nested: tableForms("nested"),
  flat: tableForms("flat"),
};

type TableOptions = { readonly lookup: Lookup; readonly layout: Layout; readonly cut: Cut };

/** @throws FraiseqlError BAD_USER_INPUT for a selection that has no form as one table */
function compileTable(plan: AuthorizedPlan, target: Target, { lookup, layout, cut }: TableOptions): CompiledTable {
  const root = rootOf(plan);
  const { cells, from } = rootRows(root.node, { ...createRendering(target), lookup }, cut);
  if (cells.length === 0) throw notATable("The selection has no columns.");
  const selected = join(
    cells.map((cell, index) => sql`${cell.sql} as ${identifier(`c${index}`)}`),
    ", ",
  );
  const nested = cells.map(({ column }) => column);
  const columns = layout === "flat" ? flatRoot(nested, root.node) : nested;
  refuseSameNames(shownColumns(columns).map(({ name }) => name));
  const statement = statementOf(plan, renderText(sql`select ${selected}${from}`));
  return {
    name: root.key,
    columns,
    heads: createTableHeads(columns),
    encoders: createTableEncoders(columns),
    statement,
    ranged: cut === "whole" ? rangedList(plan, statement) : undefined,
  };
}

function flatRoot(columns: readonly Column[], node: ValueNode): readonly Column[] {
  const list = rowsOf(node);
  if (list) return flatColumns(columns, list.output);
  return node.kind === "groups" || node.kind === "aggregate" ? flatMeasureColumns(columns, node.output) : columns;
}

type RootRows = { readonly cells: readonly Cell[]; readonly from: Fragment };

const ROOT_ROW: Row = { alias: identifier("root") };

function rootRows(node: ValueNode, tables: Tables, cut: Cut): RootRows {
  const list = rowsOf(node);
  if (list) return listRows(list.rows, list.output, tables, cut);
  switch (node.kind) {
    case "groups": {
      let cells: readonly Cell[] = [];
      const rows = groupRows(node, ROOT_ROW, tables, (measureOf, keyOf) => {
        cells = measureCells(node.output, node.coordinate, tables, measureOf, keyOf);
        return namedCells(cells);
      });
      const alias = tables.alias();
      const from = sql` from (${rows}${limitSql(node.rows.limit, tables.limits.exportRowsMax)}${offsetSql(node.rows.offset)}) as ${alias}`;
      return { cells: cells.map((cell, index) => ({ ...cell, sql: sql`${alias}.${identifier(`c${index}`)}` })), from };
    }
    case "aggregate": {
      const opened = open(node.rows, undefined, tables);
      const cells = measureCells(node.output, node.coordinate, tables, (measure) =>
        measureSql(measure, (source) => valueSql(source, opened.row)),
      );
      return { cells, from: sql` from ${opened.from}${whereSql(opened.where)} having true` };
    }
    case "call": {
      const value = sql`${relationName(node.function)}(${callArguments(node.arguments)})`;
      return {
        cells: [scalarCell("value", value, node.shape.type, node.nullable, node.coordinate, tables)],
        from: sql``,
      };
    }
    default:
      throw notATable("This root field has no rows to make a table of; ask for JSON.");
  }
}

const namedCells = (cells: readonly Cell[]): Fragment =>
  join(
    cells.map((cell, index) => sql`${cell.sql} as ${identifier(`c${index}`)}`),
    ", ",
  );

function listRows(rows: Rows, output: Output, tables: Tables, cut: Cut): RootRows {
  const opened = open(rows, undefined, tables);
  const joins: Fragment[] = [];
  const cells = cellsOf(output, opened.row, joins, tables);
  const terms = renderTerms(rows.order, opened.row, tables);
  const order = cut === "part" ? sql`` : orderBy(terms);
  const conditions = [...(opened.where ? [opened.where] : []), ...cutSql(cut, opened.row, terms)];
  const where = whereSql(conditions.length > 0 ? allOf(conditions) : undefined);
  // A range is cut off by whoever reads it.
  const limit = cut === "range" ? sql`` : limitSql(rows.limit, tables.limits.exportRowsMax);
  const page = sql`${where}${order}${limit}${offsetSql(rows.offset)}`;
  if (!rows.limit || cut === "range" || joins.length > 0 || readsWholeRow(output)) {
    return { cells, from: sql` from ${join([opened.from, ...joins], " ")}${page}` };
  }
  const { alias } = opened.row;
  const columns = columnList(
    join(
      cells.map((cell) => cell.sql),
      ", ",
    ),
    alias,
  );
  return { cells, from: sql` from (select ${columns} from ${opened.from}${page}) as ${alias}` };
}

function cutSql(cut: Cut, { alias }: Row, [first]: readonly RenderedTerm[]): readonly Fragment[] {
  if (cut === "part") return [partSql(alias)];
  return cut === "range" && first ? [rangeSql(first)] : [];
}
