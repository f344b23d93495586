/** The one statement of an operation. */
import type { Variables } from "../graphql/input.ts";
import type { AuthorizedPlan, Output, ValueNode } from "../plan/plan.ts";
import { sourcesOf } from "../plan/sources.ts";
import { type Fragment, identifier, join, type Parameter, renderText, sql } from "./fragment.ts";
import { textOf } from "./json-text.ts";
import { renderOutput } from "./output.ts";
import { createRendering, type Rendering, type Target } from "./scope.ts";

/** One SQL text with its parameters in PostgreSQL's text format. The text is the key of the prepared statement: it holds no value. */
export type Statement = {
  readonly text: string;
  readonly values: readonly (string | null)[];
  /**
   * The same statement over many sets of values: parameter n is a list of the n-th values, and there is one row for each
   * set, in order. Whoever runs statements may use it for requests that wait with an equal `text`.
   */
  readonly merged?: string;
  /** It is no point read: it may be merged only where it is known to be quick, lest one holds up the others. */
  readonly mergesIfQuick?: boolean;
  /**
   * No function of the database or SQL of the schema's author takes part, so values are only compared with: a computation
   * that fails has failed on the data.
   */
  readonly onlyCompares?: boolean;
};

/** A statement without its values: made once for each plan, filled for each request. */
export type CompiledStatement = {
  readonly text: string;
  readonly parameterNames: readonly string[];
  /** Throws a `FraiseqlError` where a variable holds a value that cannot be used. */
  readonly fill: (variables: Variables) => Statement;
};

/** The statement of a plan, its values still to be filled in; its one value is the whole response. */
export function compileStatement(plan: AuthorizedPlan, target: Target): CompiledStatement {
  const { body, from } = documentOf(plan, createRendering(target));
  const rendered = renderText(sql`${body}${from}`);
  const isPoint = isPointRead(plan);
  if (rendered.parameters.length === 0 || !(isPoint || isOneRead(plan))) return statementOf(plan, rendered);
  return statementOf(plan, rendered, { merged: mergedText(body, rendered.parameters), mergesIfQuick: !isPoint });
}

/** The same with values and nulls in the way of `rendering`, and never merged. */
export function compileDocument(plan: AuthorizedPlan, rendering: Rendering): CompiledStatement {
  const { body, from } = documentOf(plan, rendering);
  return statementOf(plan, renderText(sql`${body}${from}`));
}

function documentOf(plan: AuthorizedPlan, rendering: Rendering): { readonly body: Fragment; readonly from: Fragment } {
  const joins: Fragment[] = [];
  const root = { alias: identifier("root") };
  const data = renderOutput(plan.output, root, joins, rendering);
  const from = joins.length > 0 ? sql` from ${join(joins, " ")}` : sql``;
  return { body: sql`select ${textOf(['{"data":', ...data, "}"])}`, from };
}

/** The statement that reads a plan. */
export function statementOf(
  plan: AuthorizedPlan,
  rendered: ReturnType<typeof renderText>,
  merged: Pick<Statement, "merged" | "mergesIfQuick"> = {},
): CompiledStatement {
  return toBeFilled(rendered, { ...merged, onlyCompares: !sourcesOf(plan).isOpaque });
}

/** What is filled with the values of each request; the facts hold for all of them. */
export function toBeFilled(
  { text, parameters }: ReturnType<typeof renderText>,
  facts: Omit<Statement, "text" | "values"> = {},
): CompiledStatement {
  return {
    text,
    parameterNames: parameters.map(({ key }) => key),
    fill: (variables) => ({ text, values: parameters.map((parameter) => parameter.read(variables)), ...facts }),
  };
}

/** Every root field is one row by a unique key, and nothing below it is a list of rows: short, and alike for every key. */
function isPointRead({ output }: AuthorizedPlan): boolean {
  return (
    output.some(({ node }) => node.kind === "one") &&
    output.every(({ node }) => node.kind === "constant" || (isOneRow(node) && node.rows.source.kind === "relation"))
  );
}

/** One root field that reads a table: each set of values is read for itself, and nothing else is shared between requests. */
function isOneRead(plan: AuthorizedPlan): boolean {
  const [node, another] = plan.output.map((field) => field.node).filter(({ kind }) => kind !== "constant");
  const isRead = node?.kind === "one" || node?.kind === "list" || node?.kind === "aggregate";
  return isRead && another === undefined && !sourcesOf(plan).isOpaque;
}

function isOneRow(node: ValueNode): node is Extract<ValueNode, { kind: "one" }> {
  return node.kind === "one" && hasNoRows(node.output);
}

function hasNoRows(output: Output): boolean {
  return output.every(({ node }) => {
    if (node.kind === "embedded") return hasNoRows(node.output);
    return node.kind === "scalar" || node.kind === "constant" || node.kind === "nodeId" || isOneRow(node);
  });
}

/**
 * The sets of values are the rows of one `unnest`; their order is that of the answers. `offset 0` keeps PostgreSQL from
 * moving the casts into the body, where each row that is compared would cost one. The lists are read by `select` to hide
 * their lengths: a short list would look cheaper than one of unknown length, and the statement be planned for every crowd
 * anew, though a plan knows nothing else of the values.
 */
function mergedText(body: Fragment, parameters: readonly Parameter[]): string {
  const numbers = parameters.map((_, index) => index + 1);
  const lists = numbers.map((number) => `(select $${number}::text[])`).join(", ");
  const names = numbers.map((number) => `p${number}`).join(", ");
  const typed = parameters.map(
    ({ type = sql`text` }, index) => `p${index + 1}::${renderText(type).text} as p${index + 1}`,
  );
  const { text } = renderText(body, (number) => `"of"."p${number}"`);
  const sets = `select ${typed.join(", ")}, place from unnest(${lists}) with ordinality as v(${names}, place) offset 0`;
  return `${text} from (${sets}) as "of" order by "of".place`;
}
