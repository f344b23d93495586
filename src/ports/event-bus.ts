/** A durable log of events in shards: what the relay writes and dispatchers read. */

export type BusMessage = {
  /** Equal ids within the bus's window are one message. */
  readonly id: string;
  /** `fql.ev.<shard>.…`, see core/events/subject.ts. */
  readonly subject: string;
  /** JSON of one change event. */
  readonly body: string;
};

/** How far the log goes. A log that went back, or was made anew, has lost messages. */
export type BusState = {
  /** Changes when the log is made anew. */
  readonly incarnation: string;
  /** Of the newest message; 0 where there never was one. */
  readonly lastSequence: number;
};

/** One message in the hands of one reader. Exactly one of `ack`, `retry` and `reject` ends it. */
export type BusDelivery = {
  readonly id: string;
  readonly subject: string;
  readonly body: string;
  readonly sequence: number;
  /** 1 for the first time. */
  readonly attempt: number;
  /** What it asked for is durable. A log that may lose what it has confirmed may give it again. */
  ack(): Promise<void>;
  /** Still at it: the message is not given to anybody else for another `ackWaitMs`. */
  working(): Promise<void>;
  /** Give it again, not before the delay. */
  retry(delayMs: number): Promise<void>;
  /** Nobody will ever understand it: it goes to the durable dead letters with the reason, and is acknowledged. */
  reject(reason: string): Promise<void>;
};

export type RefusedMessage = {
  readonly id: string;
  readonly subject: string;
  readonly body: string;
  readonly reason: string;
  /** RFC 3339, UTC. */
  readonly refusedAt: string;
};

export type ReadOptions = {
  readonly shard: number;
  /** Messages given out and not ended, at most. */
  readonly inFlightMax: number;
  /**
   * Nobody else reads the shard any more: what another had in its hands is given at once, before what is new, and a delay
   * it asked for is over. Left out, it comes when its time is over, where readers may share a shard.
   */
  readonly alone?: boolean;
  /** Ends the reading; what is in flight may still be ended. */
  readonly signal: AbortSignal;
};

/**
 * At least once, in order within a shard; what is not acknowledged within `ackWaitMs` is given again. Every call
 * rejects with BUS_UNAVAILABLE while the bus cannot be reached; reading goes on by itself when it can again.
 */
export interface EventBus {
  /**
   * Resolves when all are durable on the bus, with the largest sequence that one of them has, be it there already. On a
   * rejection some may be durable: publish the same ids again. Where the log may lose what it has confirmed (a
   * NATS that is started anew), then after the loss of its connection a publication under way and every later one rejects
   * until `state` has been asked: what the log lost must come before what is new.
   */
  publish(messages: readonly BusMessage[]): Promise<number>;
  state(): Promise<BusState>;
  /** That of `state`, and no more: a publication that waits until `state` was asked goes on waiting. */
  incarnation(): Promise<string>;
  /**
   * What is not acknowledged of the shard, in order, as it comes; ends when the signal is aborted or the bus closed. Meant
   * for one reader of a shard at a time: another may share it, or take it over with what the first has in its hands.
   */
  read(options: ReadOptions): AsyncIterable<BusDelivery>;
  /** Messages not yet acknowledged, per shard: what lags. */
  pending(): Promise<readonly number[]>;
  /** The newest refused messages first. */
  refused(options: { readonly limit: number }): Promise<readonly RefusedMessage[]>;
  readonly ackWaitMs: number;
  close(): Promise<void>;
}
