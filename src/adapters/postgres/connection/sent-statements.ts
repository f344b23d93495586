/** What goes out for the orders of one connection, and which of it the server has prepared. */
import type { Statement } from "../../../ports/database.ts";
import { createPreparedStatements } from "./prepared-statements.ts";
import { type Step, stepsMessage } from "./statement-messages.ts";
import { AS_TEXT, IN_PIPELINE, type ResultForm } from "./wire-messages.ts";

/** A statement with those that go out in front of it. */
type Ordered = { readonly statement: Statement; readonly before?: readonly Statement[] | undefined };

export type SentStatements = {
  /** What to send for the orders, in one piece; each ends with a Sync. */
  message(orders: readonly Ordered[]): Buffer;
  /** The server has prepared the next one it was to. */
  parsed(): void;
  /** The server has come to the next Sync. What it was to prepare before and has not, for an error, counts as unknown again. */
  synced(): void;
  /** It turned out that the server does not have what the order needs, or no longer as it was. */
  forget(order: Ordered): void;
};

const NOTHING: readonly Statement[] = [];
const SYNC = undefined;

export function createSentStatements(): SentStatements {
  const prepared = createPreparedStatements();
  /** Texts that are to be prepared, and the Syncs between them. */
  const ahead: (string | typeof SYNC)[] = [];
  const step = ({ text, values }: Statement, results: ResultForm): Step => {
    const { name, before } = prepared.nameOf(text);
    if (before.length > 0) ahead.push(text);
    return { name, before, values, results };
  };
  return {
    message(orders) {
      const steps: Step[] = [];
      for (const { before = NOTHING, statement } of orders) {
        for (const each of before) steps.push(step(each, IN_PIPELINE));
        steps.push(step(statement, AS_TEXT));
        ahead.push(SYNC);
      }
      return stepsMessage(steps);
    },
    parsed() {
      ahead.shift();
    },
    synced() {
      for (let text = ahead.shift(); text !== SYNC; text = ahead.shift()) prepared.forget(text);
    },
    forget({ before = NOTHING, statement }) {
      for (const { text } of before) prepared.forget(text);
      prepared.forget(statement.text);
    },
  };
}
