/** One connection on which statements go out one behind the other, each a transaction of its own. */
import type { Statement } from "../../ports/database.ts";
import type { Connection, Order, Rows } from "./connection/connection.ts";
import type { Lease } from "./connection/pool.ts";
import type { SilenceWatch } from "./connection/silence-watch.ts";

export type Ended = {
  readonly rows: Rows | undefined;
  /** Where there are no rows. */
  readonly error: unknown;
  readonly wasSent: boolean;
  /** Milliseconds since the server could begin with it. */
  readonly took: number;
  /** It was there when the one before it ended, so that its time holds no way to the server and back. */
  readonly wasNext: boolean;
};

export type Sent = {
  readonly statement: Statement;
  /** In front of it, in its transaction. */
  readonly before: readonly Statement[];
  readonly ended: (how: Ended) => void;
};

export type Pipeline = {
  /** Statements that were added and have not ended. */
  length(): number;
  add(sent: Sent): void;
  /** Sends what was added, in one piece. */
  flush(): void;
};

/**
 * @param now - milliseconds from any beginning
 * @param onEnded - after each statement
 */
export function createPipeline(
  lease: Lease<Connection>,
  watch: SilenceWatch,
  now: () => number,
  onEnded: (how: Ended) => void,
): Pipeline {
  let added: Order[] = [];
  let running = 0;
  let begun = 0;
  let isNext = false;
  const begin = (next: boolean): void => {
    begun = now();
    isNext = next;
    watch.start(lease);
  };
  return {
    length: () => added.length + running,
    add({ statement, before, ended }) {
      const done: Order["done"] = (rows, error, wasSent = true) => {
        const how = { rows, error, wasSent, took: now() - begun, wasNext: isNext };
        running -= 1;
        if (running > 0) begin(true);
        else watch.end(lease);
        ended(how);
        onEnded(how);
      };
      added.push({ statement, form: "bytes", before, done });
    },
    flush() {
      if (added.length === 0) return;
      const orders = added;
      added = [];
      if (running === 0) begin(false);
      running += orders.length;
      lease.connection.run(orders);
    },
  };
}
