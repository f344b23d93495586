/**
 * A plan as lines: one line of text for each row of its one list, made by PostgreSQL, so that a table of any size is
 * joined from row texts and never held. Rows, filters, orders and links are those of the JSON document.
 */
import type { AuthorizedPlan, Output, ValueNode } from "../../plan/plan.ts";
import { allOf } from "../condition.ts";
import { type Fragment, identifier, renderText, sql } from "../fragment.ts";
import { groupRows } from "../groups.ts";
import { open, textsOfRows, whereSql } from "../lists.ts";
import { measureSql } from "../measure.ts";
import { orderBy, renderTerms } from "../order.ts";
import { renderWith } from "../output.ts";
import { limitSql, offsetSql } from "../paging.ts";
import type { Render } from "../render.ts";
import { notATable, type RowsOf, rootOf, rowsOf } from "../root.ts";
import { createRendering, type Target } from "../scope.ts";
import { type CompiledStatement, statementOf } from "../statement.ts";
import { valueSql } from "../value.ts";
import { CSV_LINE } from "./csv-line.ts";
import { flatMeasures, flatNames, type Layout, refuseSameNames } from "./flat.ts";
import type { TableForms } from "./form.ts";
import { JSON_LINE } from "./json-line.ts";
import type { Line } from "./line.ts";
import { partSql } from "./part.ts";

export type CompiledLines = {
  /** The response key of the list. */
  readonly name: string;
  /** Names of the columns, in order. */
  readonly columns: readonly string[];
  /** Its one column is a text without line ends behind it. */
  readonly statement: CompiledStatement;
};

type LinesForms = Readonly<Record<Layout, TableForms<CompiledLines>>>;

/** One JSON object on each line. */
export const JSON_LINES: LinesForms = linesForms(JSON_LINE);
/** Fields between commas; nested values are JSON. */
export const CSV_LINES: LinesForms = linesForms(CSV_LINE);

function linesForms(line: Line): LinesForms {
  const forms = (layout: Layout): TableForms<CompiledLines> => ({
    whole: {
      name: `${line.name}-${layout}`,
      compile: (plan, _, target) => compileLines(plan, target, { line, layout, isPart: false }),
    },
    part: {
      name: `${line.name}-${layout}-part`,
      compile: (plan, _, target) => compileLines(plan, target, { line, layout, isPart: true }),
    },
  });
  return { nested: forms("nested"), flat: forms("flat") };
}

type LineOptions = { readonly line: Line; readonly layout: Layout; readonly isPart: boolean };

function compileLines(plan: AuthorizedPlan, target: Target, options: LineOptions): CompiledLines {
  const root = rootOf(plan);
  const render = renderWith(createRendering(target));
  const { columns, select } = rootLines(root.node, render, options);
  if (columns.length === 0) throw notATable("The selection has no columns.");
  refuseSameNames(columns);
  return { name: root.key, columns, statement: statementOf(plan, renderText(select)) };
}

type RootLines = { readonly columns: readonly string[]; readonly select: Fragment };

const keysOf = (output: readonly { readonly key: string }[]): readonly string[] => output.map(({ key }) => key);

function rootLines(node: ValueNode, render: Render, options: LineOptions): RootLines {
  const { line, layout } = options;
  const list = rowsOf(node);
  if (list) {
    const columns = layout === "flat" ? flatNames(list.output) : keysOf(list.output);
    return { columns, select: listLines(list, render, options) };
  }
  if (node.kind === "groups") {
    const output = layout === "flat" ? flatMeasures(node.output) : node.output;
    const rows = groupRows(node, undefined, render, (measureOf, keyOf) => {
      return sql`${line.measures(output, render, measureOf, keyOf)} as line`;
    });
    const page = sql`${limitSql(node.rows.limit, render.limits.exportRowsMax)}${offsetSql(node.rows.offset)}`;
    return { columns: keysOf(output), select: sql`${rows}${page}` };
  }
  if (node.kind === "aggregate") {
    const output = layout === "flat" ? flatMeasures(node.output) : node.output;
    const opened = open(node.rows, undefined, render);
    const text = line.measures(output, render, (measure) =>
      measureSql(measure, (source) => valueSql(source, opened.row)),
    );
    const from = sql`${opened.from}${whereSql(opened.where)} having true`;
    return { columns: keysOf(output), select: sql`select ${text} as line from ${from}` };
  }
  if (node.kind === "call") {
    const output: Output = [{ key: "value", node }];
    const text = line.row(output, { alias: identifier("root") }, [], render, layout);
    return { columns: ["value"], select: sql`select ${text} as line` };
  }
  throw notATable("This root field has no rows to make lines of; ask for JSON.");
}

function listLines(list: RowsOf, render: Render, { line, layout, isPart }: LineOptions): Fragment {
  const { rows, output } = list;
  const opened = open(rows, undefined, render);
  const joins: Fragment[] = [];
  const text = line.row(output, opened.row, joins, render, layout);
  const present = rows.source.kind === "function" ? [sql`not (${opened.row.alias} is null)`] : [];
  const part = isPart ? [partSql(opened.row.alias)] : [];
  const where = [...(opened.where ? [opened.where] : []), ...present, ...part];
  const order = isPart ? sql`` : orderBy(renderTerms(rows.order, opened.row, render));
  const page = sql`${whereSql(where.length > 0 ? allOf(where) : undefined)}${order}${limitSql(rows.limit, render.limits.exportRowsMax)}${offsetSql(rows.offset)}`;
  return textsOfRows(text, list, { opened, joins, page });
}
