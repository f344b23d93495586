/** The only way to a plan that can be rendered. */
import type { AuthorizedMutation, MutationPlan } from "../plan/mutation.ts";
import type { AuthorizedPlan, Plan } from "../plan/plan.ts";

/**
 * Holds a plan against the access rules. There are none yet: every request may read what the database role may read,
 * and the statement runs read-only.
 */
export function authorizePlan(plan: Plan): AuthorizedPlan {
  return plan as AuthorizedPlan;
}

/** The same for a mutation: what the role of `database.writeUrl` may do, PostgreSQL decides. */
export function authorizeMutation(plan: MutationPlan): AuthorizedMutation {
  return plan as AuthorizedMutation;
}
