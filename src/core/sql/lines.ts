/**
 * A plan as lines: one line of text for each row of its one list, made by PostgreSQL, so that a table of any size is
 * joined from row texts and never held. Rows, filters, orders and links are those of the JSON document.
 */
import type { Limits } from "../limits.ts";
import type { AuthorizedPlan, MeasureOutput, Output, ValueNode } from "../plan/plan.ts";
import { measuresText } from "./aggregate.ts";
import { allOf } from "./condition.ts";
import { constantField, quotedField, scalarField } from "./csv-value.ts";
import type { Form } from "./form.ts";
import { type Fragment, identifier, join, renderText, sql } from "./fragment.ts";
import { groupRows } from "./groups.ts";
import { holdsLineEnds } from "./holds-line-ends.ts";
import { textOf } from "./json-text.ts";
import { columnList, open, readsWholeRow, whereSql } from "./lists.ts";
import { failWith } from "./marker.ts";
import { measureSql } from "./measure.ts";
import { nodeIdSql } from "./node-id.ts";
import { orderBy, renderTerms } from "./order.ts";
import { nodeText, type Render, renderWith } from "./output.ts";
import { limitSql, offsetSql } from "./paging.ts";
import { partSql } from "./part.ts";
import { notATable, type RowsOf, rootOf, rowsOf } from "./root.ts";
import { createRendering, type Row } from "./scope.ts";
import { type CompiledStatement, statementOf } from "./statement.ts";
import { valueSql } from "./value.ts";

export type CompiledLines = {
  /** The response key of the list. */
  readonly name: string;
  /** Names of the columns, in order. */
  readonly columns: readonly string[];
  /** Its one column is a text without line ends behind it. */
  readonly statement: CompiledStatement;
};

/** One JSON object on each line. */
export const JSON_LINES: Form<CompiledLines> = {
  name: "ndjson",
  compile: (plan, _, limits) => compileLines(plan, limits, JSON_LINE, false),
};
/** The same for a part of a list, its rows in any order. */
export const JSON_LINES_PART: Form<CompiledLines> = {
  name: "ndjson-part",
  compile: (plan, _, limits) => compileLines(plan, limits, JSON_LINE, true),
};

/** Fields between commas; nested values are JSON. */
export const CSV_LINES: Form<CompiledLines> = {
  name: "csv",
  compile: (plan, _, limits) => compileLines(plan, limits, CSV_LINE, false),
};
export const CSV_LINES_PART: Form<CompiledLines> = {
  name: "csv-part",
  compile: (plan, _, limits) => compileLines(plan, limits, CSV_LINE, true),
};

type MeasureOf = Parameters<typeof measuresText>[2];
type KeyOf = Parameters<typeof measuresText>[3];

/** How the line of a row is made. */
type Line = {
  readonly row: (output: Output, row: Row, joins: Fragment[], render: Render) => Fragment;
  readonly measures: (output: MeasureOutput, render: Render, measureOf: MeasureOf, keyOf?: KeyOf) => Fragment;
};

const JSON_LINE: Line = {
  row: (output, row, joins, render) => {
    const text = textOf(render.output(output, row, joins));
    return holdsLineEnds(output) ? sql`translate(${text}, E'\\n\\r', '  ')` : text;
  },
  measures: (output, render, measureOf, keyOf) => textOf(measuresText(output, render, measureOf, keyOf)),
};

const CSV_LINE: Line = {
  row: (output, row, joins, render) => fields(output.map(({ node }) => nodeField(node, row, joins, render))),
  measures: (output, render, measureOf, keyOf) =>
    fields(output.map(({ node }) => measureField(node, render, measureOf, keyOf))),
};

function fields(all: readonly Fragment[]): Fragment {
  const [only] = all;
  // Many readers skip an empty line, and a row with it.
  if (only && all.length === 1) return sql`coalesce(nullif(${only}, ''), '""')`;
  const present = all.flatMap((field, index) => (index === 0 ? [field] : [sql`','`, field]));
  return sql`(${join(present, " || ")})`;
}

const orNothing = (field: Fragment): Fragment => sql`coalesce(${field}, '')`;

function nodeField(node: ValueNode, row: Row, joins: Fragment[], render: Render): Fragment {
  switch (node.kind) {
    case "constant":
      return constantField(node.json);
    case "nodeId":
      return nodeIdSql(node.object, row);
    case "scalar": {
      const field = scalarField(valueSql(node.value, row), node.shape, render.alias);
      if (node.nullable) return orNothing(field);
      const isFloat = node.shape.type.kind === "base" && /^float[48]$/.test(node.shape.type.name);
      return isFloat ? orNothing(field) : sql`coalesce(${field}, ${failWith("NOT_NULL_VIOLATED", node.coordinate)})`;
    }
    default:
      return orNothing(quotedField(sql`nullif(${textOf(nodeText(node, row, joins, render))}, 'null')`));
  }
}

function measureField(
  node: MeasureOutput[number]["node"],
  render: Render,
  measureOf: MeasureOf,
  keyOf: KeyOf,
): Fragment {
  switch (node.kind) {
    case "constant":
      return constantField(node.json);
    case "object":
      return quotedField(textOf(measuresText(node.output, render, measureOf, keyOf)));
    case "groupKey":
      return orNothing(scalarField((keyOf as NonNullable<KeyOf>)(node.index), node.shape, render.alias));
    case "measure": {
      const { measure } = node;
      const value = measureOf(measure);
      if (measure.function === "count" || measure.function === "countDistinct") return sql`${value}::text`;
      return orNothing(scalarField(value, measure.shape, render.alias));
    }
  }
}

function compileLines(plan: AuthorizedPlan, limits: Limits, line: Line, isPart: boolean): CompiledLines {
  const root = rootOf(plan);
  const render = renderWith(createRendering(limits));
  const { columns, select } = rootLines(root.node, line, render, isPart);
  if (columns.length === 0) throw notATable("The selection has no columns.");
  return { name: root.key, columns, statement: statementOf(plan, renderText(select)) };
}

type RootLines = { readonly columns: readonly string[]; readonly select: Fragment };

const keysOf = (output: readonly { readonly key: string }[]): readonly string[] => output.map(({ key }) => key);

function rootLines(node: ValueNode, line: Line, render: Render, isPart: boolean): RootLines {
  const list = rowsOf(node);
  if (list) return { columns: keysOf(list.output), select: listLines(list, line, render, isPart) };
  if (node.kind === "groups") {
    const rows = groupRows(node, undefined, render, (measureOf, keyOf) => {
      return sql`${line.measures(node.output, render, measureOf, keyOf)} as line`;
    });
    const page = sql`${limitSql(node.rows.limit, render.limits.exportRowsMax)}${offsetSql(node.rows.offset)}`;
    return { columns: keysOf(node.output), select: sql`${rows}${page}` };
  }
  if (node.kind === "aggregate") {
    const opened = open(node.rows, undefined, render);
    const text = line.measures(node.output, render, (measure) =>
      measureSql(measure, (source) => valueSql(source, opened.row)),
    );
    const from = sql`${opened.from}${whereSql(opened.where)} having true`;
    return { columns: keysOf(node.output), select: sql`select ${text} as line from ${from}` };
  }
  if (node.kind === "call") {
    const output: Output = [{ key: "value", node }];
    const text = line.row(output, { alias: identifier("root") }, [], render);
    return { columns: ["value"], select: sql`select ${text} as line` };
  }
  throw notATable("This root field has no rows to make lines of; ask for JSON.");
}

function listLines({ rows, output }: RowsOf, line: Line, render: Render, isPart: boolean): Fragment {
  const opened = open(rows, undefined, render);
  const joins: Fragment[] = [];
  const text = line.row(output, opened.row, joins, render);
  const present = rows.source.kind === "function" ? [sql`not (${opened.row.alias} is null)`] : [];
  const part = isPart ? [partSql(opened.row.alias)] : [];
  const where = [...(opened.where ? [opened.where] : []), ...present, ...part];
  const order = isPart ? sql`` : orderBy(renderTerms(rows.order, opened.row, render));
  const page = sql`${whereSql(where.length > 0 ? allOf(where) : undefined)}${order}${limitSql(rows.limit, render.limits.exportRowsMax)}${offsetSql(rows.offset)}`;
  if (!rows.limit || joins.length > 0 || readsWholeRow(output)) {
    return sql`select ${text} as line from ${join([opened.from, ...joins], " ")}${page}`;
  }
  // The texts are made behind the limit, so that none is made for a row that is not shown.
  const { alias } = opened.row;
  const columns = columnList(text, alias);
  return sql`select ${text} as line from (select ${columns} from ${opened.from}${page}) as ${alias}`;
}
