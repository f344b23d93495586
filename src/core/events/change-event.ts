/** What happened to one row (or, for a truncate, to all rows of one table), as the outbox keeps it and the bus carries it. */
import type { JsonObject } from "./json.ts";

export const CHANGE_OPERATIONS = ["insert", "update", "delete", "truncate"] as const;
export type ChangeOperation = (typeof CHANGE_OPERATIONS)[number];

/** An event whose before and after are together larger is on the bus without them. Bytes. */
export const SPILL_BYTES = 262_144;

/**
 * The longest texts of an event that are not its rows, in UTF-16 units: whoever writes says what stands in them. An event
 * with a longer one is refused; the bus carries no more of it than shows that.
 */
export const EVENT_TEXT_MAX = { org: 200, actor: 1_000, traceparent: 1_000, cause: 1_000, key: 10_000 } as const;

/** What is wrong with the lengths of an event's texts; undefined when nothing is. */
export function lengthProblem(event: ChangeEvent): string | undefined {
  for (const [name, max] of Object.entries(EVENT_TEXT_MAX)) {
    const text = event[name as keyof typeof EVENT_TEXT_MAX];
    if (text !== null && text.length > max) return `the event's ${name} is longer than ${max} characters`;
  }
  return undefined;
}

/** Who wrote, and why, as far as the writing session said; psql says nothing. */
export type ChangeContext = {
  /** The org of the row, or of who wrote it; null where the database has no orgs. */
  readonly org: string | null;
  readonly actor: string | null;
  /** https://www.w3.org/TR/trace-context/#traceparent-header */
  readonly traceparent: string | null;
  /** The id of the event whose action wrote this row: how loops are found. */
  readonly cause: string | null;
};

export type ChangeEvent = ChangeContext & {
  /** `epoch:position`: the same for every publication of the same row of the outbox. */
  readonly id: string;
  /** The id of the row in the outbox: later writes to the same row have larger ones. */
  readonly position: number;
  /** `schema.table`. */
  readonly table: string;
  readonly operation: ChangeOperation;
  /** The values of the primary key as a JSON array's text, e.g. `[7]`; `[]` for a truncate or a table without a key. */
  readonly key: string;
  /** The observed columns before the write; null for an insert and a truncate. */
  readonly before: JsonObject | null;
  /** The observed columns after the write; null for a delete and a truncate. */
  readonly after: JsonObject | null;
  /** True when before and after were too large to carry: they are in the outbox under the position. */
  readonly spilled: boolean;
  /** When the row was written, RFC 3339 in UTC with microseconds. */
  readonly occurredAt: string;
};
