import type * as z from "zod/mini";
import { nearestName } from "../nearest-name.ts";

export type OptionProblem = { readonly path: readonly (string | number)[]; readonly message: string };

/** What keeps the options of an action from fitting their schema, each with its place; empty when nothing does. */
export function optionProblems(
  schema: z.ZodMiniType & { readonly shape?: object },
  options: unknown,
): readonly OptionProblem[] {
  const issues = schema.safeParse(options).error?.issues ?? [];
  return issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
    if (issue.code !== "unrecognized_keys") return [{ path, message: messageOf(issue) }];
    return issue.keys.map((key) => {
      const nearest = path.length === 0 ? nearestName(key, Object.keys(schema.shape ?? {})) : undefined;
      const meant = nearest === undefined ? "" : `; did you mean ${nearest}?`;
      return { path: [...path, key], message: `there is no option ${key}${meant}` };
    });
  });
}

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.startsWith("expected") ? issue.message : `expected ${issue.expected}`;
    case "invalid_value":
      return `expected one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "too_small":
      return `expected at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `expected at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "invalid_key":
      return issue.issues[0]?.message ?? issue.message;
    default:
      return issue.message;
  }
}

function unitOf(origin: string): string {
  return { string: " characters", array: " entries", record: " entries" }[origin] ?? "";
}
