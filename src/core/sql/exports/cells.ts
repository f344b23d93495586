/** The nodes of a plan as cells of a table: values, records, and lists of records. */
import { isUnique } from "../../plan/order.ts";
import type { Output, Rows, ValueNode } from "../../plan/plan.ts";
import { equalities } from "../condition.ts";
import { type Fragment, integer, join, sql } from "../fragment.ts";
import { groupRows } from "../groups.ts";
import { type Opened, open, tooLong, whereSql } from "../lists.ts";
import { measureSql } from "../measure.ts";
import { nodeIdSql } from "../node-id.ts";
import { orderBy, renderTerms } from "../order.ts";
import { limitSql, offsetSql } from "../paging.ts";
import { notATable } from "../root.ts";
import type { Row } from "../scope.ts";
import { documentPart, typeName, valueSql } from "../value.ts";
import {
  type Cell,
  constantCell,
  listOfRecords,
  listOfValues,
  recordOf,
  scalarCell,
  structCell,
  type Tables,
} from "./cell.ts";
import { connectionCell } from "./connection-cell.ts";
import { measureCells } from "./measure-cells.ts";

/** @param joins - takes what the row has to be joined with for them */
export function cellsOf(output: Output, row: Row, joins: Fragment[], tables: Tables): readonly Cell[] {
  return output.map(({ key, node }) => cellOf(key, node, row, joins, tables));
}

function cellOf(name: string, node: ValueNode, row: Row, joins: Fragment[], tables: Tables): Cell {
  switch (node.kind) {
    case "constant":
      return constantCell(name, node.json, name);
    case "scalar": {
      const proven = node.value.from === "column" && node.value.notNull && !row.value && !row.unproven;
      const value = valueSql(node.value, row);
      return scalarCell(
        name,
        // Inside of a record a domain would come under a number of its own.
        node.value.type.kind === "domain" ? sql`${value}::${typeName(node.value.type)}` : value,
        node.shape.type,
        node.nullable || !proven,
        node.coordinate,
        tables,
      );
    }
    case "nodeId":
      return {
        column: { name, type: { kind: "utf8" }, nullable: false, coordinate: `${node.object.name}.nodeId` },
        sql: nodeIdSql(node.object, row),
      };
    case "embedded":
      return embeddedCell(name, node, row, joins, tables);
    case "one":
      return oneCell(name, node, row, joins, tables);
    case "list":
      return listCell(name, node, row, joins, tables);
    case "aggregate": {
      const opened = open(node.rows, row, tables);
      const cells = measureCells(node.output, node.coordinate, tables, (measure) =>
        measureSql(measure, (source) => valueSql(source, opened.row)),
      );
      return structCell(
        name,
        cells,
        false,
        node.coordinate,
        (record) => sql`(select ${record} from ${opened.from}${whereSql(opened.where)} having true)`,
      );
    }
    case "groups": {
      let cells: readonly Cell[] = [];
      const rows = groupRows(node, row, tables, (measureOf, keyOf) => {
        cells = measureCells(node.output, node.coordinate, tables, measureOf, keyOf);
        return sql`${recordOf(cells)} as r`;
      });
      const alias = tables.alias();
      const page = sql`${limitSql(node.rows.limit, tables.limits.pageRowsMax)}${offsetSql(node.rows.offset)}`;
      return listOfRecords(
        name,
        cells,
        node.coordinate,
        sql`(select array_agg(${alias}.r) from (${rows}${page}) as ${alias}${tooLong(node, tables)})`,
      );
    }
    case "connection":
      return connectionCell(name, node, row, tables, cellsOf);
    default:
      throw notATable(`${name} has no form as a column; ask for JSON, or select lists and values.`);
  }
}

function listCell(
  name: string,
  node: Extract<ValueNode, { kind: "list" }>,
  parent: Row,
  joins: Fragment[],
  tables: Tables,
): Cell {
  const { rows, coordinate } = node;
  const isGrouped = rows.strategy.kind === "grouped" && rows.link !== undefined;
  const opened = open(rows, isGrouped ? undefined : parent, tables);
  const inner: Fragment[] = [];
  const cells = cellsOf(node.output, opened.row, inner, tables);
  const read = tables.alias();
  if (isGrouped) return groupedCell(name, node, parent, joins, { opened, inner, cells, read }, tables);
  const page = sql`${whereSql(opened.where)}${orderBy(renderTerms(rows.order, opened.row, tables))}${limitSql(rows.limit, tables.limits.pageRowsMax)}${offsetSql(rows.offset)}`;
  const source = sql`select ${recordOf(cells)} as r from ${join([opened.from, ...inner], " ")}${page}`;
  return listOfRecords(
    name,
    cells,
    coordinate,
    sql`(select array_agg(${read}.r) from (${source}) as ${read}${tooLong(node, tables)})`,
  );
}

type Grouped = {
  readonly opened: Opened;
  readonly inner: readonly Fragment[];
  readonly cells: readonly Cell[];
  readonly read: Fragment;
};

function groupedCell(
  name: string,
  node: Extract<ValueNode, { kind: "list" }>,
  parent: Row,
  joins: Fragment[],
  { opened, inner, cells, read }: Grouped,
  tables: Tables,
): Cell {
  const link = node.rows.link as NonNullable<Rows["link"]>;
  const keys = opened.keys.map((key, index) => ({ key, name: sql`k${integer(index)}` }));
  const order = orderBy([
    ...opened.keys.map((key) => ({ sql: key, direction: "asc", nulls: "last", nullable: false }) as const),
    ...renderTerms(node.rows.order, opened.row, tables),
  ]);
  const columns = join([...keys.map(({ key, name: as }) => sql`${key} as ${as}`), sql`${recordOf(cells)} as r`], ", ");
  const names = join(
    keys.map(({ name: as }) => sql`${read}.${as}`),
    ", ",
  );
  const grouped = tables.alias();
  const on = equalities(
    keys.map(({ name: as }) => sql`${grouped}.${as}`),
    link,
    parent,
  );
  const source = sql`select ${columns} from ${join([opened.from, ...inner], " ")}${whereSql(opened.where)}${order}`;
  joins.push(
    sql`left join (select ${names}, array_agg(${read}.r) as r from (${source}) as ${read} group by ${names}${tooLong(node, tables)}) as ${grouped} on ${on}`,
  );
  return listOfRecords(name, cells, node.coordinate, sql`${grouped}.r`);
}

function oneCell(
  name: string,
  node: Extract<ValueNode, { kind: "one" }>,
  parent: Row,
  joins: Fragment[],
  tables: Tables,
): Cell {
  const { rows, coordinate, nullable } = node;
  if (rows.strategy.kind === "grouped" && rows.link) {
    const opened = open(rows, undefined, tables);
    joins.push(sql`left join ${opened.from} on ${equalities(opened.keys, rows.link, parent)}`);
    const cells = cellsOf(node.output, opened.row, joins, tables);
    return structCell(
      name,
      cells,
      nullable,
      coordinate,
      (record) => sql`case when ${opened.keys[0] as Fragment} is not null then ${record} end`,
    );
  }
  const opened = open(rows, parent, tables);
  const inner: Fragment[] = [];
  const cells = cellsOf(node.output, opened.row, inner, tables);
  const single = rows.link && !isUnique(rows.object, rows.link.foreign) ? sql` limit 1` : sql``;
  const from = join([opened.from, ...inner], " ");
  return structCell(
    name,
    cells,
    nullable,
    coordinate,
    (record) => sql`(select ${record} from ${from}${whereSql(opened.where)}${single})`,
  );
}

function embeddedCell(
  name: string,
  node: Extract<ValueNode, { kind: "embedded" }>,
  row: Row,
  joins: Fragment[],
  tables: Tables,
): Cell {
  const { value, list, output, coordinate } = node;
  if (value.from === "document") {
    const json = documentPart(row, value.key);
    if (!list) {
      const cells = cellsOf(output, { alias: row.alias, document: json }, joins, tables);
      return structCell(
        name,
        cells,
        true,
        coordinate,
        (record) => sql`case when jsonb_typeof(${json}) = 'object' then ${record} end`,
      );
    }
    const item = tables.alias();
    const cells = cellsOf(output, { alias: item, document: sql`${item}.v` }, joins, tables);
    const record = sql`case when jsonb_typeof(${item}.v) = 'object' then ${recordOf(cells)} end`;
    return listOfValues(
      name,
      cells,
      coordinate,
      sql`case when jsonb_typeof(${json}) = 'array' then array(select ${record} from jsonb_array_elements(${json}) with ordinality as ${item}(v, n) order by ${item}.n) end`,
    );
  }
  const composite = valueSql(value, row);
  if (!list) {
    const cells = cellsOf(output, { alias: row.alias, value: composite }, joins, tables);
    return structCell(
      name,
      cells,
      true,
      coordinate,
      (record) => sql`case when ${composite} is distinct from null then ${record} end`,
    );
  }
  const at = tables.alias();
  const element = sql`(${composite})[${at}.n]`;
  const cells = cellsOf(output, { alias: at, value: element }, joins, tables);
  const record = sql`case when ${element} is distinct from null then ${recordOf(cells)} end`;
  return listOfValues(
    name,
    cells,
    coordinate,
    sql`case when ${composite} is not null then array(select ${record} from generate_subscripts(${composite}, 1) as ${at}(n) order by ${at}.n) end`,
  );
}
