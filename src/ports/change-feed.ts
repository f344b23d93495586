/** The outbox as the relay sees it: rows in the order of their positions, and what is needed to know that none is missing. */
import type { ChangeOperation } from "../core/events/change-event.ts";
import type { BusState } from "./event-bus.ts";
import type { OpenTransaction } from "./outbox.ts";

export type FeedRow = {
  readonly position: number;
  /** `epoch:position`. */
  readonly id: string;
  readonly org: string | null;
  readonly table: string;
  readonly operation: ChangeOperation;
  /** JSON of the event, as the bus carries it. */
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly occurredAt: number;
};

export type FeedRead = {
  /** All transactions with a smaller id were over in the snapshot that the rows are of. */
  readonly horizon: bigint;
  /** The committed rows above the position, in order, from the first. */
  readonly rows: readonly FeedRow[];
};

export type FeedStart = {
  readonly position: number;
  /** How far the bus was, at least, when the position was stored; null before the first time. */
  readonly bus: BusState | null;
  /** Positions above the newest mark. */
  readonly unmarked: number;
};

/** What only the holder of the relay's lease may do; `fence` is that lease's, and an earlier holder's calls are refused. */
export interface ChangeFeed {
  /** Takes over from any earlier fence; undefined where a later one has. Begins a new epoch where the database is another. */
  open(fence: number): Promise<FeedStart | undefined>;
  /** Undefined where a later fence has taken over, or the database is another since it was opened. */
  read(options: {
    readonly fence: number;
    readonly after: number;
    readonly rowsMax: number;
    /** Of before and after together; one row is given in any case. */
    readonly bytesMax: number;
  }): Promise<FeedRead | undefined>;
  /**
   * A new transaction id, of the feed's own: whoever had one when it was asked has a smaller one. Who drew a position
   * before had one.
   */
  barrier(): Promise<bigint>;
  /** False where a later fence has taken over, or the database is another: nothing is stored then. */
  store(options: { readonly fence: number; readonly position: number; readonly bus: BusState }): Promise<boolean>;
  /** Remembers that all up to the position is on the bus at or before the state's sequence. */
  mark(position: number, bus: BusState): Promise<void>;
  /** The newest position known to be on the bus at or before the sequence; the one before the oldest row where none is. */
  resumeAt(bus: BusState): Promise<number>;
  /** The oldest transaction that keeps the horizon from passing the barrier; null where none does any more. */
  oldestWriter(barrier: bigint): Promise<OpenTransaction | null>;
  /** Calls back at each poke of a writer, as far as it is heard, until the signal. Pokes may be lost. */
  listen(poked: () => void, signal: AbortSignal): void;
  /** Moves on to the next part of the ring when it is time, and empties parts of which all is published and older. */
  rotate(retentionMs: number): Promise<void>;
}
