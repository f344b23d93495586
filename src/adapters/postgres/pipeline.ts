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
  readonly lease: Lease<Connection>;
  /** Statements that were added and have not ended. */
  length(): number;
  add(sent: Sent): void;
  /** Sends what was added, in one piece. */
  flush(): void;
  /** When it is empty: gives its session the limits back that it began with. @param done - called with whether it has them */
  end(done: (isReset: boolean) => void): void;
};

export type PipelineParts = {
  readonly watch: SilenceWatch;
  /** Milliseconds from any beginning. */
  readonly now: () => number;
  /** What a statement, and each wait for a lock, may take. */
  readonly limitMs: number;
};

/** PostgreSQL does not count the commit as part of a statement: what waits for a lock there is ended by the other limit. */
const LIMIT = "select set_config('statement_timeout', $1, false), set_config('lock_timeout', $1, false)";
const RESET: Statement = { text: "reset all", values: [] };

/**
 * The limits are those of the session for as long as it is a pipeline: a setting for each transaction would be a statement more
 * in each.
 *
 * @param onEnded - after each statement
 */
export function createPipeline(
  lease: Lease<Connection>,
  { watch, now, limitMs }: PipelineParts,
  onEnded: (how: Ended) => void,
): Pipeline {
  // Should it fail, a slow one is not given up and holds up those behind it. If the connection fails, they learn it too.
  const limit: Order = { statement: { text: LIMIT, values: [String(limitMs)] }, form: "text", done: () => {} };
  let isLimited = false;
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
    lease,
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
      if (running === 0) begin(false);
      running += added.length;
      const orders = isLimited ? added : [limit, ...added];
      isLimited = true;
      added = [];
      lease.connection.run(orders);
    },
    end(done) {
      watch.start(lease);
      const ended: Order["done"] = (rows) => {
        watch.end(lease);
        done(rows !== undefined);
      };
      lease.connection.run([{ statement: RESET, form: "text", done: ended }]);
    },
  };
}
