/** The settings in which triggers read on what occasion a row is written. */
import type { Statement } from "../../ports/database.ts";
import type { WriteContext } from "../../ports/database-writer.ts";

const NAMES = ["org", "actor", "traceparent", "cause"] as const;

/**
 * A statement of its own: in the same one as the write, whether policies see them would be up to the plan. Of what says
 * nothing there is no setting, since they end with their transaction, and each costs PostgreSQL microseconds.
 */
export function contextOf(context: WriteContext): readonly Statement[] {
  const said = NAMES.filter((name) => context[name]);
  if (said.length === 0) return [];
  const calls = said.map((name, index) => `set_config('fraiseql.${name}', $${index + 1}, true)`);
  return [{ text: `select ${calls.join(", ")}`, values: said.map((name) => context[name] as string) }];
}
