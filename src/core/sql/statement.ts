/** The one statement of an operation. */
import type { Variables } from "../graphql/input.ts";
import type { Limits } from "../limits.ts";
import type { AuthorizedPlan } from "../plan/plan.ts";
import { type Fragment, identifier, join, renderText, sql } from "./fragment.ts";
import { textOf } from "./json-text.ts";
import { renderOutput } from "./output.ts";
import { createRendering } from "./scope.ts";

/** One SQL text with its parameters in PostgreSQL's text format. The text is the key of the prepared statement: it holds no value. */
export type Statement = {
  readonly text: string;
  readonly values: readonly (string | null)[];
};

/** A statement without its values: made once for each plan, filled for each request. */
export type CompiledStatement = {
  readonly text: string;
  readonly parameterNames: readonly string[];
  /** Throws a `FraiseqlError` where a variable holds a value that cannot be used. */
  readonly fill: (variables: Variables) => Statement;
};

export function compileStatement(plan: AuthorizedPlan, limits: Limits): CompiledStatement {
  const joins: Fragment[] = [];
  const root = { alias: identifier("root") };
  const data = renderOutput(plan.output, root, joins, createRendering(limits));
  const from = joins.length > 0 ? sql` from ${join(joins, " ")}` : sql``;
  const { text, parameters } = renderText(sql`select ${textOf(['{"data":', ...data, "}"])}${from}`);
  return {
    text,
    parameterNames: parameters.map((parameter) => parameter.key),
    fill: (variables) => ({ text, values: parameters.map((parameter) => parameter.read(variables)) }),
  };
}
