/** Statements whose results are read one after the other, on whichever connections take them. */
import type { BulkResult } from "../../../ports/bulk-reader.ts";
import type { Statement } from "../../../ports/database.ts";

export type Turns<Taker> = {
  /** Gives the next statement to the taker, which is idle where there is none. */
  begin(taker: Taker): void;
  /** The result whose turn it is; undefined when all were read. */
  current(): Promise<BulkResult> | undefined;
  /** The current result was read: its taker begins anew. Gives the result whose turn it is then. */
  next(): Promise<BulkResult> | undefined;
  /** Takes out one that has nothing to do. */
  idle(): Taker | undefined;
  /** Closes all results; no more are begun. */
  close(): Promise<void>;
};

export function createTurns<Taker>(
  statements: readonly Statement[],
  run: (taker: Taker, statement: Statement) => Promise<BulkResult>,
): Turns<Taker> {
  const begun: { readonly taker: Taker; readonly result: Promise<BulkResult> }[] = [];
  const idle: Taker[] = [];
  let isClosed = false;
  let count = 0;

  const begin = (taker: Taker): void => {
    const statement = isClosed ? undefined : statements[count];
    if (!statement) {
      idle.push(taker);
      return;
    }
    count += 1;
    const result = run(taker, statement);
    // It is awaited when its turn has come.
    result.catch(() => undefined);
    begun.push({ taker, result });
  };
  return {
    begin,
    current: () => begun[0]?.result,
    next() {
      const over = begun.shift();
      if (over) begin(over.taker);
      return begun[0]?.result;
    },
    idle: () => idle.pop(),
    async close() {
      isClosed = true;
      const closed = begun.map(async ({ result }) => (await result).close());
      // What failed has closed itself.
      await Promise.allSettled(closed);
    },
  };
}
