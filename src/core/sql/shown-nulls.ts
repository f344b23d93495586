/** The form of an operation in which nulls show where there must be none, for `plan/propagate-nulls.ts`. */
import type { Form } from "./exports/form.ts";
import { integer, sql } from "./fragment.ts";
import { computed, textOf } from "./json-text.ts";
import { createRendering, type Rendering } from "./scope.ts";
import { type CompiledStatement, compileDocument } from "./statement.ts";

/**
 * The document with three differences: a null in a non-null place is a null instead of the end of the statement; a value
 * is a string that holds its JSON, so that no digit is lost when it is parsed; a row of an abstract type is a pair of its
 * member's index and itself.
 */
export const SHOWN_NULLS: Form<{ readonly statement: CompiledStatement }> = {
  name: "shown-nulls",
  compile: (plan, _, target) => ({ statement: compileDocument(plan, { ...createRendering(target), ...SHOWN }) }),
};

const SHOWN: Pick<Rendering, "missing" | "leaf" | "member"> = {
  missing: () => sql`'null'`,
  leaf: (text) => computed(sql`to_json((${textOf(text)})::text)::text`),
  member: (index, text) => sql`'[' || ${integer(index)} || ',' || ${text} || ']'`,
};
