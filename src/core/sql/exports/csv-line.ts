/** A row as one line of CSV; nested values are JSON. */
import type { MeasureOutput, ValueNode } from "../../plan/plan.ts";
import { measuresText } from "../aggregate.ts";
import { type Fragment, sql } from "../fragment.ts";
import { textOf } from "../json-text.ts";
import { failWith } from "../marker.ts";
import { nodeIdSql } from "../node-id.ts";
import { nodeText } from "../output.ts";
import type { Render } from "../render.ts";
import type { Row } from "../scope.ts";
import { valueSql } from "../value.ts";
import { constantField, quotedField, scalarField } from "./csv-value.ts";
import { flatNames } from "./flat.ts";
import { flatMembers, type Members } from "./flat-line.ts";
import type { KeyOf, Line, MeasureOf } from "./line.ts";

export const CSV_LINE: Line = {
  name: "csv",
  row: (output, row, joins, render, layout) =>
    layout === "nested"
      ? fields(output.map(({ node }) => nodeField(node, row, joins, render)))
      : line(textOf(flatMembers(output, row, joins, render, MEMBERS)), flatNames(output).length),
  measures: (output, render, measureOf, keyOf) =>
    fields(output.map(({ node }) => measureField(node, render, measureOf, keyOf))),
};

const MEMBERS: Members = {
  value: (_, node, row, joins, render) => [nodeField(node, row, joins, render)],
  measure: ({ node }, render, measureOf) => [measureField(node, render, measureOf, undefined)],
  none: () => "",
};

function fields(all: readonly Fragment[]): Fragment {
  const parts = all.flatMap((field, index) => (index === 0 ? [field] : [",", field]));
  return line(textOf(parts), all.length);
}

/** Many readers skip an empty line, and a row with it. */
function line(text: Fragment, columns: number): Fragment {
  return columns === 1 ? sql`coalesce(nullif(${text}, ''), '""')` : text;
}

const orNothing = (field: Fragment): Fragment => sql`coalesce(${field}, '')`;

function nodeField(node: ValueNode, row: Row, joins: Fragment[], render: Render): Fragment {
  switch (node.kind) {
    case "constant":
      return constantField(node.json);
    case "nodeId":
      return nodeIdSql(node.object, row);
    case "scalar": {
      const field = scalarField(valueSql(node.value, row), node.shape, render);
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
      return orNothing(scalarField((keyOf as NonNullable<KeyOf>)(node.index), node.shape, render));
    case "measure": {
      const { measure } = node;
      const value = measureOf(measure);
      if (measure.function === "count" || measure.function === "countDistinct") return sql`${value}::text`;
      return orNothing(scalarField(value, measure.shape, render));
    }
  }
}
