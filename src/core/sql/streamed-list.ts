/**
 * The document of an operation that is one long list, as one text for each of its rows: whoever reads them joins them, and
 * neither PostgreSQL nor anybody behind it holds the whole. The rows and their texts are those of the document in one text.
 */
import { resolveBind, type Variables } from "../graphql/input.ts";
import { type Limits, STREAMED_ROWS_MIN } from "../limits.ts";
import type { ListNode, Output, Plan } from "../plan/plan.ts";
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

/** `long`: a request for so many rows. `open`: there is no limit, and the list may be longer than what is read whole. */
export type ListLength = "long" | "open";

/** For operations with a `streamableList`. */
export const STREAMED_LIST: Form<StreamedList> = {
  name: "streamed-list",
  compile: (plan, _, target) => {
    const list = listOf(plan.output) as ListOf;
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

/** The list that an operation consists of, where it may be long enough. Rows of a function are counted only by running it. */
export function streamableList({ output }: Plan, { pageRowsMax }: Limits): ListNode | undefined {
  const node = listOf(output)?.node;
  if (node?.rows.limit) return pageRowsMax >= STREAMED_ROWS_MIN ? node : undefined;
  return node?.rows.source.kind === "relation" && pageRowsMax > STREAMED_ROWS_MIN ? node : undefined;
}

export function lengthOf({ rows }: ListNode, variables: Variables): ListLength | undefined {
  if (!rows.limit) return "open";
  return Number(resolveBind(rows.limit, variables)) >= STREAMED_ROWS_MIN ? "long" : undefined;
}

type ListOf = { readonly key: string; readonly node: ListNode; readonly index: number };

function listOf(output: Output): ListOf | undefined {
  const index = output.findIndex(({ node }) => node.kind !== "constant");
  const found = output[index];
  if (found?.node.kind !== "list") return undefined;
  const isOnly = output.every(({ node }, place) => place === index || node.kind === "constant");
  return isOnly ? { key: found.key, node: found.node, index } : undefined;
}

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
