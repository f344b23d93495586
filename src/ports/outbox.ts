/** The committed changes of observed tables, for who looks at them: the newest, one by its id, or all since. */
import type { ChangeEvent } from "../core/events/change-event.ts";

export type OutboxState = {
  /** Of the newest change that was drawn a position, committed or not. */
  readonly newest: number;
  /** Up to it, all is on the bus. */
  readonly published: number;
  /** Changes that are committed and not on the bus; counted up to 100,000. */
  readonly waiting: number;
  /** Since the oldest of those was written, milliseconds; 0 without one. */
  readonly lagMs: number;
  /** The oldest transaction that has written something, of any database: nothing later than it can be published. */
  readonly oldestWriter: OpenTransaction | null;
};

export type OpenTransaction = {
  /** Null for a prepared transaction. */
  readonly pid: number | null;
  /** When it began, RFC 3339; null where the worker's role may not see that. */
  readonly since: string | null;
  /** Where it may not, for how long at least: since a younger transaction wrote a change that is not published yet. */
  readonly ageMs: number;
  /**
   * Its last statement up to the first text in it, at most 200 characters; the name of a prepared transaction; the right
   * that is missing.
   */
  readonly query: string;
};

export type OutboxPage = {
  /** Positions above it. */
  readonly after: number;
  readonly limit: number;
  /** `schema.table`. */
  readonly table?: string | undefined;
  /** RFC 3339: changes written at or after it. */
  readonly since?: string | undefined;
};

/** Rejects with the codes of `Database`. An event is `spilled` where its rows are kept but nest deeper than can be read. */
export interface Outbox {
  /** The whole event, also where the bus carries it without before and after; undefined where it is not kept any more. */
  event(id: string): Promise<ChangeEvent | undefined>;
  /** The newest first; where a position is given, the newest up to it. */
  latest(options: {
    readonly limit: number;
    readonly table?: string | undefined;
    readonly upTo?: number | undefined;
  }): Promise<readonly ChangeEvent[]>;
  /** What is published, in the order of the bus. */
  published(page: OutboxPage): Promise<readonly ChangeEvent[]>;
  state(): Promise<OutboxState>;
  /** The incarnation of the bus that the relay publishes to; null where it never has. */
  relayedTo(): Promise<string | null>;
  /** Counts one more wish to publish each event again; gives how many there were of each, this one included. */
  replayed(ids: readonly string[]): Promise<readonly number[]>;
  /** How many wishes there were. */
  replays(id: string): Promise<number>;
}
