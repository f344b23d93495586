/** The settings in which triggers read on what occasion a row is written. */
import type { Statement } from "../../ports/database.ts";
import type { WriteContext } from "../../ports/database-writer.ts";

const SETTINGS = ["fraiseql.org", "fraiseql.actor", "fraiseql.traceparent", "fraiseql.cause"];
const NOTHING: readonly Statement[] = [];

/** The text for each choice of settings, by its bits. */
const TEXTS = Array.from({ length: 2 ** SETTINGS.length }, (_, choice) => {
  const chosen = SETTINGS.filter((_name, bit) => choice & (1 << bit));
  const calls = chosen.map((name, index) => `set_config('${name}', $${index + 1}, true)`);
  return `select ${calls.join(", ")}`;
});

/**
 * A statement of its own: in the same one as the write, whether policies see them would be up to the plan. Of what says
 * nothing there is no setting, since they end with their transaction, and each costs PostgreSQL microseconds.
 */
export function contextOf({ org, actor, traceparent, cause }: WriteContext): readonly Statement[] {
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
  return choice === 0 ? NOTHING : [{ text: TEXTS[choice] as string, values }];
}
