/** Point reads that wait for a connection at the same time are read by one statement. */
import { ERRORS, FraiseqlError } from "../../core/errors.ts";
import type { Statement } from "../../ports/database.ts";
import type { Rows } from "./connection.ts";

type Read = {
  readonly statement: Statement;
  readonly resolve: (value: string | Uint8Array) => void;
  readonly reject: (error: unknown) => void;
};

/** More would make the first of them wait for the last. */
const READS_MAX = 64;

export type MergedReads = {
  read(statement: Statement, merged: string): Promise<string | Uint8Array>;
  /** Reads that wait or run in a group. */
  size(): number;
};

/**
 * `run` waits for a connection, asks then for the statement and runs it. A group is closed when its statement goes out,
 * so nobody waits for company: who finds a free connection does not come here. What one read of a group has wrong (a value that does not
 * fit) must not touch the others, so a group that fails for its values is read one by one. A caller that goes away is
 * answered all the same: its share of a point read is not worth a cancel request.
 */
export function createMergedReads(run: (statement: () => Statement) => Promise<Rows>): MergedReads {
  const groups = new Map<string, Read[]>();
  let size = 0;
  const alone = ({ statement, resolve, reject }: Read): void => {
    run(() => statement).then((rows) => resolve(answerAt(rows, 0)), reject);
  };
  const start = (text: string, merged: string): Read[] => {
    const group: Read[] = [];
    groups.set(text, group);
    const close = (): Statement => {
      if (groups.get(text) === group) groups.delete(text);
      const [first] = group;
      return group.length === 1 && first ? first.statement : { text: merged, values: listsOf(group) };
    };
    run(close).then(
      (rows) => {
        size -= group.length;
        for (const [index, { resolve }] of group.entries()) resolve(answerAt(rows, index));
      },
      (error) => {
        size -= group.length;
        const isShared = group.length === 1 || !(error instanceof FraiseqlError) || ERRORS[error.code].retryable;
        for (const read of group) {
          if (isShared) read.reject(error);
          else alone(read);
        }
      },
    );
    return group;
  };
  return {
    size: () => size,
    read: (statement, merged) =>
      new Promise((resolve, reject) => {
        const open = groups.get(statement.text);
        const group = open && open.length < READS_MAX ? open : start(statement.text, merged);
        group.push({ statement, resolve, reject });
        size += 1;
      }),
  };
}

/** The one value of a row, which is a whole answer. */
export function answerAt(rows: Rows, index: number): string | Uint8Array {
  const value = rows[index]?.[0];
  if (value === undefined || value === null) throw new FraiseqlError("INTERNAL_ERROR", "The statement gave no result.");
  return value;
}

/** The n-th values of all reads as one array in PostgreSQL's text form. */
function listsOf(group: readonly Read[]): readonly string[] {
  const count = group[0]?.statement.values.length ?? 0;
  return Array.from(
    { length: count },
    (_, index) => `{${group.map(({ statement }) => element(statement.values[index] ?? null)).join(",")}}`,
  );
}

function element(value: string | null): string {
  return value === null ? "NULL" : `"${value.replaceAll(/[\\"]/g, (character) => `\\${character}`)}"`;
}
