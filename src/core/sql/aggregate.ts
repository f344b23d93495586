/** Measures over rows as one JSON object. */
import type { AggregateNode, Measure, MeasureOutput } from "../plan/plan.ts";
import { encodeScalar } from "./codec.ts";
import { type Fragment, sql } from "./fragment.ts";
import { computed, constant, type JsonText, objectText, textOf } from "./json-text.ts";
import { open, whereSql } from "./lists.ts";
import { measureSql } from "./measure.ts";
import type { Render } from "./output.ts";
import type { Row } from "./scope.ts";
import { valueSql } from "./value.ts";

export function aggregateText(node: AggregateNode, parent: Row, render: Render): Fragment {
  const opened = open(node.rows, parent, render);
  const text = measuresText(node.output, render, (measure) =>
    measureSql(measure, (source) => valueSql(source, opened.row)),
  );
  // With `having` it is one row even where no measure is selected.
  return sql`(select ${textOf(text)} from ${opened.from}${whereSql(opened.where)} having true)`;
}

/** The selection of an aggregate or a group; `keyOf` gives the value of a group's key. */
export function measuresText(
  output: MeasureOutput,
  render: Render,
  measureOf: (measure: Measure) => Fragment,
  keyOf?: (index: number) => Fragment,
): JsonText {
  return objectText(
    output.map(({ key, node }) => {
      switch (node.kind) {
        case "constant":
          return { key, text: constant(node.json) };
        case "object":
          return { key, text: measuresText(node.output, render, measureOf, keyOf) };
        case "groupKey":
          return {
            key,
            text: computed(
              sql`coalesce(${textOf(encodeScalar((keyOf as (index: number) => Fragment)(node.index), node.shape, render.alias))}, 'null')`,
            ),
          };
        case "measure": {
          const { measure } = node;
          const value = measureOf(measure);
          if (measure.function === "count" || measure.function === "countDistinct")
            return { key, text: computed(sql`${value}::text`) };
          return {
            key,
            text: computed(sql`coalesce(${textOf(encodeScalar(value, measure.shape, render.alias))}, 'null')`),
          };
        }
      }
    }),
  );
}
