/** The settings in which triggers read on what occasion a row is written. */
import type { Statement } from "../../ports/database.ts";
import type { WriteContext } from "../../ports/database-writer.ts";

const SETTINGS = ["fraiseql.org", "fraiseql.actor", "fraiseql.traceparent", "fraiseql.cause", "statement_timeout"];
const NOTHING: readonly Statement[] = [];

/** The text for each choice of settings, by its bits. */
const TEXTS = Array.from({ length: 2 ** SETTINGS.length }, (_, choice) => {
  const chosen = SETTINGS.filter((_setting, bit) => choice & (1 << bit));
  return `select ${chosen.map((setting, index) => `set_config('${setting}', $${index + 1}, true)`).join(", ")}`;
});

/**
 * A statement of its own: in the same one as the write, whether policies see them would be up to the plan. Of what says
 * nothing there is no setting, since they end with their transaction, and each costs PostgreSQL microseconds.
 *
 * @param statementTimeout - milliseconds, for the rest of the transaction; that of the session if absent
 */
export function contextOf(
  { org, actor, traceparent, cause }: WriteContext,
  statementTimeout?: string,
): readonly Statement[] {
  const values: string[] = [];
  let choice = 0;
  const set = (bit: number, value: string | undefined): void => {
    if (value === undefined || value === "") return;
    values.push(value);
    choice |= 1 << bit;
  };
  set(0, org);
  set(1, actor);
  set(2, traceparent);
  set(3, cause);
  set(4, statementTimeout);
  return choice === 0 ? NOTHING : [{ text: TEXTS[choice] as string, values }];
}
