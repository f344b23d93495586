/**
 * The document of an operation that is one long list, as one text for each of its rows: whoever reads them joins them, and
 * neither PostgreSQL nor anybody behind it holds the whole. The rows and their texts are those of the document in one text.
 */
import { type OnlyList, onlyList } from "../plan/long-list.ts";
import type { ListNode, Output } from "../plan/plan.ts";
import { allOf } from "./condition.ts";
import type { Form } from "./exports/form.ts";
import { type Fragment, renderText, sql } from "./fragment.ts";
import { textOf } from "./json-text.ts";
import { type Opened, open, textsOfRows, tooLong, whereSql } from "./lists.ts";
import { orderBy, renderTerms } from "./order.ts";
import { renderWith } from "./output.ts";
import { limitSql, offsetSql } from "./paging.ts";
import type { Render } from "./render.ts";
import { createRendering } from "./scope.ts";
import { type CompiledStatement, statementOf } from "./statement.ts";

export type StreamedList = {
  /** The document before its first row. */
  readonly head: string;
  /** And behind its last. */
  readonly tail: string;
  /** Its one column is the JSON of a row. */
  readonly statement: CompiledStatement;
};

/** For operations with a `streamableList`. */
export const STREAMED_LIST: Form<StreamedList> = {
  name: "streamed-list",
  compile: (plan, _, target) => {
    const list = onlyList(plan) as OnlyList;
    const select = rowTexts(list.node, renderWith(createRendering(target)));
    const before = plan.output.slice(0, list.index).map((member) => `${textOfConstant(member)},`);
    const after = plan.output.slice(list.index + 1).map((member) => `,${textOfConstant(member)}`);
    return {
      head: `{"data":{${before.join("")}${JSON.stringify(list.key)}:[`,
      tail: `]${after.join("")}}}`,
      statement: statementOf(plan, renderText(select)),
    };
  },
};

function textOfConstant({ key, node }: Output[number]): string {
  if (node.kind !== "constant") throw new TypeError("beside a streamed list stand constants only");
  return `${JSON.stringify(key)}:${node.json}`;
}

function rowTexts(node: ListNode, render: Render): Fragment {
  const { rows, output } = node;
  const opened = open(rows, undefined, render);
  const joins: Fragment[] = [];
  const text = textOf(render.output(output, opened.row, joins));
  const where = [...(opened.where ? [opened.where] : []), ...(rows.limit ? [] : [isNotTooLong(node, opened, render)])];
  const order = orderBy(renderTerms(rows.order, opened.row, render));
  const condition = whereSql(where.length > 0 ? allOf(where) : undefined);
  const page = sql`${condition}${order}${limitSql(rows.limit, render.limits.pageRowsMax)}${offsetSql(rows.offset)}`;
  return textsOfRows(text, node, { opened, joins, page });
}

/** PostgreSQL asks this once, before the first row: a list that is too long is an error and never breaks off. */
function isNotTooLong(node: ListNode, { from, where }: Opened, render: Render): Fragment {
  const counted = render.alias();
  const page = sql`${limitSql(undefined, render.limits.pageRowsMax)}${offsetSql(node.rows.offset)}`;
  return sql`(select true from (select 1 as one from ${from}${whereSql(where)}${page}) as ${counted}${tooLong(node, render)})`;
}
