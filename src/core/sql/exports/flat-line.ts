/** A row as one line whose objects are spread over their fields, for every language of lines. */
import type { MeasureOutput, Output, ValueNode } from "../../plan/plan.ts";
import { type Fragment, literal, sql } from "../fragment.ts";
import { type JsonText, textOf } from "../json-text.ts";
import { oneTextOr, open, whereSql } from "../lists.ts";
import { failWith } from "../marker.ts";
import { measureSql } from "../measure.ts";
import { embeddedTextOr } from "../output.ts";
import type { Render } from "../render.ts";
import type { Row } from "../scope.ts";
import { valueSql } from "../value.ts";
import { flatMeasures, flatName, flatNames, isSpread } from "./flat.ts";

/** How a language of lines writes members beside one another; commas stand between them. */
export type Members = {
  readonly value: (name: string, node: ValueNode, row: Row, joins: Fragment[], render: Render) => JsonText;
  readonly measure: (
    each: MeasureOutput[number],
    render: Render,
    measureOf: (measure: Parameters<typeof measureSql>[0]) => Fragment,
  ) => JsonText;
  /** A member that is not there. */
  readonly none: (name: string) => string;
};

/** The members of a row, without what stands around all of them. */
export function flatMembers(
  output: Output,
  row: Row,
  joins: Fragment[],
  render: Render,
  members: Members,
  nameOf = (key: string): string => key,
): JsonText {
  return output.flatMap(({ key, node }, index) => {
    const text = memberText(nameOf(key), node, row, joins, render, members);
    return index === 0 ? text : [",", ...text];
  });
}

function memberText(
  name: string,
  node: ValueNode,
  row: Row,
  joins: Fragment[],
  render: Render,
  members: Members,
): JsonText {
  const inner = (key: string): string => flatName(name, key);
  if (node.kind === "aggregate") {
    const opened = open(node.rows, row, render);
    const measures = flatMeasures(node.output).map((each) => ({ ...each, key: inner(each.key) }));
    const measureOf = (measure: Parameters<typeof measureSql>[0]): Fragment =>
      measureSql(measure, (source) => valueSql(source, opened.row));
    const text = measures.flatMap((each, index): JsonText => {
      const one = members.measure(each, render, measureOf);
      return index === 0 ? one : [",", ...one];
    });
    return [sql`(select ${textOf(text)} from ${opened.from}${whereSql(opened.where)} having true)`];
  }
  if (!isSpread(node)) return members.value(name, node, row, joins, render);
  const spread: Render = {
    ...render,
    output: (output, of, inside) => flatMembers(output, of, inside, render, members, inner),
  };
  const none = flatNames(node.output, inner).map(members.none).join(",");
  const missing = node.nullable ? sql`${literal(none)}::text` : failWith("NOT_NULL_VIOLATED", node.coordinate);
  return node.kind === "one"
    ? [oneTextOr(missing, node, row, joins, spread)]
    : [embeddedTextOr(missing, node, row, joins, spread)];
}
