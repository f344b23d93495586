import { outputLines } from "./describe.ts";
import { describeMutation } from "./describe-mutation.ts";
import type { MutationPlan } from "./mutation.ts";
import type { Plan } from "./plan.ts";

/** A plan as indented lines for people, each choice with its reason. No server needs it. */
export function describePlan(plan: Plan | MutationPlan): string {
  return "roots" in plan ? describeMutation(plan) : outputLines(plan.output, 0).join("\n");
}
