/** Point reads that wait for a connection at the same time are read by one statement. */
import { ERRORS, FraiseqlError } from "../../core/errors.ts";
import type { Caller, Statement } from "../../ports/database.ts";
import type { Awaited, CallerWatch } from "./connection/caller-watch.ts";
import type { Rows } from "./connection/connection.ts";
import { cancelled } from "./connection/error.ts";

type Read = Awaited & {
  readonly statement: Statement;
  readonly caller: Caller | undefined;
  readonly resolve: (value: string | Uint8Array) => void;
  readonly reject: (error: unknown) => void;
  /** Its caller has gone and has been told so. */
  gone: boolean;
};

type Group = {
  reads: Read[];
  /** How many of the reads have a caller that waits. */
  waiting: number;
  /** Its statement has gone out: a read that leaves now keeps its place in the answer. */
  closed: boolean;
  readonly left: LastLeft;
};

/** More would make the first of them wait for the last. */
const READS_MAX = 64;
/** Of those that are no point reads, each of which may cost several times as much. */
const QUICK_READS_MAX = 6;

export type MergedReads = {
  read(statement: Statement, merged: string, caller: Caller | undefined): Promise<string | Uint8Array>;
  /** Reads that wait or run in a group, those without a caller not counted. */
  size(): number;
};

/** What a group has become, and how many reads are in it. */
export type Closed = { readonly statement: Statement; readonly reads: number };

/**
 * Waits for a connection, asks then for the statement and runs it; undefined means that nobody wants it any more.
 *
 * @param text - of the statement of each read
 * @param caller - who waits: the whole group, which has gone when the last of it has
 */
export type RunMerged = (text: string, close: () => Closed | undefined, caller: Caller | undefined) => Promise<Rows>;

/**
 * A group is closed when its statement goes out, so nobody waits for company: who finds a free connection does not come
 * here. What one read of a group has wrong (a value that does not fit) must not touch the others, so a group that fails for
 * its values is read one by one. A caller that goes away is told so at once: before the statement goes out its read is left
 * out of it, later its part of the answer is dropped; and what nobody waits for is cancelled.
 */
export function createMergedReads(run: RunMerged, callers: CallerWatch): MergedReads {
  const groups = new Map<string, Group>();
  let size = 0;
  const alone = ({ statement, caller, resolve, reject }: Read): void => {
    run(statement.text, () => ({ statement, reads: 1 }), caller).then((rows) => resolve(answerAt(rows, 0)), reject);
  };
  const leave = (text: string, group: Group, read: Read): void => {
    callers.end(read);
    read.gone = true;
    size -= 1;
    group.waiting -= 1;
    if (!group.closed) group.reads = group.reads.filter((each) => each !== read);
    if (group.waiting === 0) {
      if (groups.get(text) === group) groups.delete(text);
      group.left.tell();
    }
    read.reject(cancelled());
  };
  /** Those who still wait, with their places in the answer. */
  const settle = ({ reads }: Group, each: (read: Read, index: number) => void): void => {
    for (const [index, read] of reads.entries()) {
      if (read.gone) continue;
      callers.end(read);
      size -= 1;
      each(read, index);
    }
  };
  const start = (text: string, merged: string): Group => {
    const group: Group = { reads: [], waiting: 0, closed: false, left: lastLeft() };
    groups.set(text, group);
    const close = (): Closed | undefined => {
      if (groups.get(text) === group) groups.delete(text);
      group.closed = true;
      const reads = group.reads.length;
      const [first] = group.reads;
      if (reads > 1) return { statement: { text: merged, values: listsOf(group.reads) }, reads };
      return first && { statement: first.statement, reads };
    };
    run(text, close, group.left.caller).then(
      (rows) => settle(group, ({ resolve }, index) => resolve(answerAt(rows, index))),
      (error) => {
        if (groups.get(text) === group) groups.delete(text);
        const isOne = group.reads.length === 1 || !(error instanceof FraiseqlError) || ERRORS[error.code].retryable;
        settle(group, (read) => (isOne ? read.reject(error) : alone(read)));
      },
    );
    return group;
  };
  return {
    size: () => size,
    read: (statement, merged, caller) =>
      new Promise((resolve, reject) => {
        const { text } = statement;
        const open = groups.get(text);
        const readsMax = statement.mergesIfQuick ? QUICK_READS_MAX : READS_MAX;
        const group = open && open.reads.length < readsMax ? open : start(text, merged);
        const read: Read = { statement, caller, resolve, reject, gone: false, watched: undefined };
        group.reads.push(read);
        group.waiting += 1;
        size += 1;
        callers.start(read, caller, () => leave(text, group, read));
      }),
  };
}

type LastLeft = { readonly caller: Caller; readonly tell: () => void };

/** A caller that stands for many. Its signal is made when it is first read, which is only where an answer takes long. */
function lastLeft(): LastLeft {
  let controller: AbortController | undefined;
  const made = (): AbortController => {
    controller ??= new AbortController();
    return controller;
  };
  return {
    caller: {
      get signal() {
        return made().signal;
      },
    },
    tell: () => made().abort(),
  };
}

/** The one value of a row, which is a whole answer. */
export function answerAt(rows: Rows, index: number): string | Uint8Array {
  const value = rows[index]?.[0];
  if (value === undefined || value === null) throw new FraiseqlError("INTERNAL_ERROR", "The statement gave no result.");
  return value;
}

/** The n-th values of all reads as one array in PostgreSQL's text form. */
function listsOf(reads: readonly Read[]): readonly string[] {
  const count = reads[0]?.statement.values.length ?? 0;
  return Array.from(
    { length: count },
    (_, index) => `{${reads.map(({ statement }) => element(statement.values[index] ?? null)).join(",")}}`,
  );
}

function element(value: string | null): string {
  return value === null ? "NULL" : `"${value.replaceAll(/[\\"]/g, (character) => `\\${character}`)}"`;
}
