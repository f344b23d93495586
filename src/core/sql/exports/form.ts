import type { AuthorizedPlan } from "../../plan/plan.ts";
import type { Lookup } from "../../schema/lookup.ts";
import type { Target } from "../scope.ts";
import type { CompiledStatement } from "../statement.ts";

/**
 * Another form than the JSON document that an operation can take, as a value: the code that makes it is loaded by those
 * who ask for it.
 */
export type Form<Made extends { readonly statement: CompiledStatement }> = {
  /** No two forms have the same. */
  readonly name: string;
  /** Throws a `FraiseqlError` where the operation has no such form. */
  readonly compile: (plan: AuthorizedPlan, lookup: Lookup, target: Target) => Made;
};

/** A form for all rows of an operation, and one for a part of a list, its rows in any order. */
export type TableForms<Made extends { readonly statement: CompiledStatement }> = {
  readonly whole: Form<Made>;
  readonly part: Form<Made>;
};
