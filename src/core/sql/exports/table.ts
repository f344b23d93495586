/**
 * A plan as a table: one row of the result for each row of its one list, in columns PostgreSQL sends in its binary form.
 * To-one selections and nested lists are records and arrays of records; rows, filters, orders and links are rendered by
 * the same functions as for JSON.
 */
import { type Column, shownColumns } from "../../columnar/column.ts";
import { createTableHeads, type TableHeads } from "../../columnar/table-head.ts";
import type { AuthorizedPlan, Output, Rows, ValueNode } from "../../plan/plan.ts";
import type { Lookup } from "../../schema/lookup.ts";
import { callArguments } from "../call.ts";
import { allOf } from "../condition.ts";
import { type Fragment, identifier, join, renderText, sql } from "../fragment.ts";
import { groupRows } from "../groups.ts";
import { columnList, open, readsWholeRow, whereSql } from "../lists.ts";
import { measureSql } from "../measure.ts";
import { orderBy, renderTerms } from "../order.ts";
import { limitSql, offsetSql } from "../paging.ts";
import { notATable, rootOf, rowsOf } from "../root.ts";
import { createRendering, type Row, type Target } from "../scope.ts";
import { type CompiledStatement, statementOf } from "../statement.ts";
import { relationName, valueSql } from "../value.ts";
import { type Cell, scalarCell, type Tables } from "./cell.ts";
import { cellsOf } from "./cells.ts";
import { flatColumns, flatMeasureColumns, type Layout, refuseSameNames } from "./flat.ts";
import type { TableForms } from "./form.ts";
import { measureCells } from "./measure-cells.ts";
import { partSql } from "./part.ts";

export type CompiledTable = {
  /** The response key of the list. */
  readonly name: string;
  readonly columns: readonly Column[];
  /** What is sent before the rows. */
  readonly heads: TableHeads;
  readonly statement: CompiledStatement;
};

const tableForms = (layout: Layout): TableForms<CompiledTable> => ({
  whole: {
    name: `table-${layout}`,
    compile: (plan, lookup, target) => compileTable(plan, target, { lookup, layout, isPart: false }),
  },
  part: {
    name: `table-${layout}-part`,
    compile: (plan, lookup, target) => compileTable(plan, target, { lookup, layout, isPart: true }),
  },
});

/** An operation as one table of typed columns. */
export const TABLE: Readonly<Record<Layout, TableForms<CompiledTable>>> = {
  nested: tableForms("nested"),
  flat: tableForms("flat"),
};

type TableOptions = { readonly lookup: Lookup; readonly layout: Layout; readonly isPart: boolean };

/** @throws FraiseqlError BAD_USER_INPUT for a selection that has no form as one table */
function compileTable(plan: AuthorizedPlan, target: Target, { lookup, layout, isPart }: TableOptions): CompiledTable {
  const root = rootOf(plan);
  const { cells, from } = rootRows(root.node, { ...createRendering(target), lookup }, isPart);
  if (cells.length === 0) throw notATable("The selection has no columns.");
  const selected = join(
    cells.map((cell, index) => sql`${cell.sql} as ${identifier(`c${index}`)}`),
    ", ",
  );
  const nested = cells.map(({ column }) => column);
  const columns = layout === "flat" ? flatRoot(nested, root.node) : nested;
  refuseSameNames(shownColumns(columns).map(({ name }) => name));
  return {
    name: root.key,
    columns,
    heads: createTableHeads(columns),
    statement: statementOf(plan, renderText(sql`select ${selected}${from}`)),
  };
}

function flatRoot(columns: readonly Column[], node: ValueNode): readonly Column[] {
  const list = rowsOf(node);
  if (list) return flatColumns(columns, list.output);
  return node.kind === "groups" || node.kind === "aggregate" ? flatMeasureColumns(columns, node.output) : columns;
}

type RootRows = { readonly cells: readonly Cell[]; readonly from: Fragment };

const ROOT_ROW: Row = { alias: identifier("root") };

function rootRows(node: ValueNode, tables: Tables, isPart: boolean): RootRows {
  const list = rowsOf(node);
  if (list) return listRows(list.rows, list.output, tables, isPart);
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

function listRows(rows: Rows, output: Output, tables: Tables, isPart: boolean): RootRows {
  const opened = open(rows, undefined, tables);
  const joins: Fragment[] = [];
  const cells = cellsOf(output, opened.row, joins, tables);
  const order = isPart ? sql`` : orderBy(renderTerms(rows.order, opened.row, tables));
  const part = isPart ? [partSql(opened.row.alias)] : [];
  const present = rows.source.kind === "function" ? [sql`not (${opened.row.alias} is null)`] : [];
  const terms = [...(opened.where ? [opened.where] : []), ...present, ...part];
  const where = whereSql(terms.length > 0 ? allOf(terms) : undefined);
  const page = sql`${where}${order}${limitSql(rows.limit, tables.limits.exportRowsMax)}${offsetSql(rows.offset)}`;
  if (!rows.limit || joins.length > 0 || readsWholeRow(output)) {
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
