import type * as z from "zod/mini";
import { formProblems } from "../form-problems.ts";

export type OptionProblem = { readonly path: readonly (string | number)[]; readonly message: string };

/** What keeps the options of an action from fitting their schema, each with its place; empty when nothing does. An option nobody knows is a place too. */
export function optionProblems(schema: z.ZodMiniType, options: unknown): readonly OptionProblem[] {
  return formProblems(schema, options, "option").map(({ path, key, message }) => ({
    path: key === undefined ? path : [...path, key],
    message,
  }));
}
