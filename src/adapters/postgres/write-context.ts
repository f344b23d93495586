/** The settings in which triggers read on what occasion a row is written. */
import type { Statement } from "../../ports/database.ts";
import type { WriteContext } from "../../ports/database-writer.ts";

/** PostgreSQL does not count the commit as part of a statement: what waits for a lock there is ended by the other limit. */
const LIMITS = ["statement_timeout", "lock_timeout"];
/** Those with the same value stand together. */
const SETTINGS = [["fraiseql.org"], ["fraiseql.actor"], ["fraiseql.traceparent"], ["fraiseql.cause"], LIMITS];
const NOTHING: readonly Statement[] = [];

/** The text for each choice of settings, by its bits. */
const TEXTS = Array.from({ length: 2 ** SETTINGS.length }, (_, choice) => {
  const chosen = SETTINGS.filter((_settings, bit) => choice & (1 << bit));
  const calls = chosen.flatMap((settings, index) =>
    settings.map((name) => `set_config('${name}', $${index + 1}, true)`),
  );
  return `select ${calls.join(", ")}`;
});

/**
 * A statement of its own: in the same one as the write, whether policies see them would be up to the plan. Of what says
 * nothing there is no setting, since they end with their transaction, and each costs PostgreSQL microseconds.
 *
 * @param limit - milliseconds for a statement, and for a lock, in the rest of the transaction; those of the session if absent
 */
export function contextOf({ org, actor, traceparent, cause }: WriteContext, limit?: string): readonly Statement[] {
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
  set(4, limit);
  return choice === 0 ? NOTHING : [{ text: TEXTS[choice] as string, values }];
}
