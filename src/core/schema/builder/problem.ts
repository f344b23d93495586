/** What is wrong with a schema description, with the place in the author's file where it was written. */
import { FraiseqlError } from "../../errors.ts";
import { suggestion } from "../suggest.ts";

/** `stack` is the call stack of the line that is to blame; the command line finds the author's file and line in it. */
export type SchemaProblem = { readonly message: string; readonly stack?: string };

/** The stack of the caller, kept with a part so that a problem found later still has its place. */
export function callSite(): string {
  return new Error("call site").stack ?? "";
}

/** Every problem at once. The first one is the message. */
export function schemaInvalid(problems: readonly SchemaProblem[]): FraiseqlError {
  const [first, ...others] = problems;
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  return new FraiseqlError("SCHEMA_INVALID", `${first?.message ?? "The schema is not valid."}${more}`, {
    details: { problems },
  });
}

/** One problem, found where it was written. */
export function refuse(message: string): never {
  throw schemaInvalid([{ message, stack: callSite() }]);
}

/** Refuses a key nobody reads: a misspelt option that is silently ignored is a rule that is silently absent. */
export function checkKeys(options: object, known: readonly string[], place: string): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) refuse(`${place} has no option ${JSON.stringify(key)}${suggestion(key, known)}`);
  }
}

/** The entry of that name, or a refusal that says what there is instead. */
export function lookUp<T>(known: ReadonlyMap<string, T>, name: string, place: string, noun: string): T {
  const found = known.get(name);
  if (found === undefined) refuse(`${place} has no ${noun} ${JSON.stringify(name)}${suggestion(name, known.keys())}`);
  return found;
}
