/** Measures over rows as one JSON object. */
import type { AggregateNode, Measure, MeasureOutput } from "../plan/plan.ts";
import { encodeScalar } from "./codec.ts";
import { type Fragment, sql } from "./fragment.ts";
import { computed, constant, type JsonText, objectText, textOf } from "./json-text.ts";
import { open, whereSql } from "./lists.ts";
import { measureSql } from "./measure.ts";
import type { Render } from "./render.ts";
import type { Row } from "./scope.ts";
import { valueSql } from "./value.ts";

/** The JSON text of the measures over all rows. */
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
  keyOf: (index: number) => Fragment = noKey,
): JsonText {
  const valueText = ({ node }: MeasureOutput[number]): JsonText => {
    switch (node.kind) {
      case "constant":
        return constant(node.json);
      case "object":
        return measuresText(node.output, render, measureOf, keyOf);
      case "groupKey":
        return nullable(encodeScalar(keyOf(node.index), node.shape, render));
      case "measure": {
        const { measure } = node;
        const value = measureOf(measure);
        if (measure.function === "count" || measure.function === "countDistinct") return computed(sql`${value}::text`);
        return nullable(encodeScalar(value, measure.shape, render));
      }
    }
  };
  return objectText(output.map((each) => ({ key: each.key, text: valueText(each) })));
}

const nullable = (text: JsonText): JsonText => computed(sql`coalesce(${textOf(text)}, 'null')`);

function noKey(): never {
  throw new TypeError("an aggregate has no keys");
}
