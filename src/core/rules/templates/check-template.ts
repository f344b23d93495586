/** Whether a template fits the rule it stands in: what it names is there, and JSON stays JSON. */
import type { ChangeOperation } from "../../events/change-event.ts";
import type { Path } from "../conditions/condition.ts";
import { printPath } from "../conditions/print-condition.ts";
import { classOf } from "../conditions/value-class.ts";
import type { Entity } from "../entities.ts";
import { placedProblem, type RuleProblem, WrittenWrong } from "../problem.ts";
import { endsQuoted, parseTemplate, type Template, type TemplateTarget } from "./template.ts";

/** Everything that is wrong with a template for changes of an entity; paths begin at `path`. */
export function checkTemplate(
  text: string,
  target: TemplateTarget,
  entity: Entity,
  operations: readonly ChangeOperation[],
  path: readonly (string | number)[],
): readonly RuleProblem[] {
  try {
    const template = parseTemplate(text);
    const problems = template.holes.flatMap(({ value, offset }) => {
      const problem = value.kind === "path" ? pathProblem(value, entity, operations) : undefined;
      return problem ? [placedProblem({ place: { offset }, ...problem }, path, text)] : [];
    });
    if (problems.length > 0 || target !== "json" || isJsonTemplate(template)) return problems;
    return [{ path, message: "with its values this would not be JSON" }];
  } catch (error) {
    if (!(error instanceof WrittenWrong)) throw error;
    return [placedProblem(error, path, text)];
  }
}

function pathProblem(
  value: Path,
  entity: Entity,
  operations: readonly ChangeOperation[],
): { readonly message: string; readonly suggestion?: string } | undefined {
  const known = classOf(value, entity);
  if (!("is" in known)) return known;
  const without: readonly ChangeOperation[] = value.root === "new" ? ["delete", "truncate"] : ["insert", "truncate"];
  if (value.root === "claims" || !operations.every((operation) => without.includes(operation))) return undefined;
  return { message: `${printPath(value)}: ${operations.join(" and ")} has no ${value.root} row` };
}

/** Whether a template gives JSON whatever its values are. */
function isJsonTemplate({ texts }: Template): boolean {
  let [sample, quoted] = [texts[0] ?? "", endsQuoted(texts[0] ?? "", false)];
  for (const text of texts.slice(1)) {
    sample += (quoted ? "" : "null") + text;
    quoted = endsQuoted(text, quoted);
  }
  try {
    JSON.parse(sample);
    return true;
  } catch {
    return false;
  }
}
