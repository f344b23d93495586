import type { RuleProblem } from "../../core/rules/problem.ts";

/** `condition, line 2, column 5: unknown field "totl"; did you mean "total"?` */
export function problemText({ path, line, column, message }: RuleProblem): string {
  const place = line === undefined ? "" : `, line ${line}, column ${column}`;
  return `${path.join(".")}${place}: ${message}`;
}
