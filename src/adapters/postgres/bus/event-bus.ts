/** The event bus in PostgreSQL, for installations without NATS; its tables and functions are those of `0005-bus.sql`. */
import type { Sql } from "postgres";
import { FraiseqlError } from "../../../core/errors.ts";
import { shardOfSubject } from "../../../core/events/subject.ts";
import type { EventBus } from "../../../ports/event-bus.ts";
import type { Wait } from "../../../ports/wait.ts";
import { listenTo } from "../worker/notifications.ts";
import { asked } from "../worker/worker-sql.ts";
import { busStatements } from "./bus-statements.ts";
import { readShard } from "./read-shard.ts";

export type PostgresBusOptions = {
  /** The caller closes it, after the bus. */
  readonly sql: Sql;
  readonly wait: Wait;
  readonly ackWaitMs?: number;
  /** The log is kept for 7 times this, and an id is known again for at least this long. */
  readonly slotSeconds?: number;
  readonly messageBytesMax?: number;
};

/**
 * Begins to listen at once; the tables are those that `fraiseql migrate` makes. Calls reject with BUS_UNAVAILABLE while
 * PostgreSQL is away.
 */
export function openPostgresBus(options: PostgresBusOptions): EventBus {
  const { sql, wait, ackWaitMs = 30_000, slotSeconds = 3 * 3_600, messageBytesMax = 1_000_000 } = options;
  const closing = new AbortController();
  const publisher = crypto.randomUUID();
  const bells = shardBells();
  const endListening = listenTo(sql, "fraiseql_bus", (told) => {
    const [by, shards = ""] = told.split(" ");
    // Its own readers were woken when the messages were there.
    if (by !== publisher) bells.ring(shards === "" ? undefined : shards.split(",").map(Number));
  });
  const statements = busStatements(sql, publisher, async (step) => {
    if (closing.signal.aborted) throw new FraiseqlError("BUS_UNAVAILABLE", "The event bus is closed.");
    return asked(step).catch((error: unknown) => {
      throw asBusError(error);
    });
  });
  const read = readShard({ statements, wait, ackWaitMs, closing: closing.signal, wake: bells.signal });
  return {
    publish: async (messages) => {
      if (messages.length === 0) return 0;
      for (const { id, body } of messages) {
        if (Buffer.byteLength(body) <= messageBytesMax) continue;
        throw new FraiseqlError("PAYLOAD_TOO_LARGE", `The message ${id} is larger than ${messageBytesMax} bytes.`);
      }
      const sequence = await statements.publish(messages, slotSeconds);
      bells.ring(new Set(messages.map(({ subject }) => shardOfSubject(subject))));
      return sequence;
    },
    state: statements.state,
    incarnation: async () => (await statements.state()).incarnation,
    read,
    pending: statements.pending,
    refused: ({ limit }) => statements.refused(limit),
    ackWaitMs,
    close: async () => {
      closing.abort();
      await endListening();
    },
  };
}

/** One for each shard: most of what is published is for one or two of them. */
function shardBells() {
  const bells = new Map<number, AbortController>();
  return {
    /** Aborted when the shard's bell rings next. */
    signal: (shard: number): AbortSignal => {
      const bell = bells.get(shard) ?? new AbortController();
      bells.set(shard, bell);
      return bell.signal;
    },
    /** All of them where none is named. */
    ring: (shards: Iterable<number> = [...bells.keys()]) => {
      for (const shard of shards) {
        bells.get(shard)?.abort();
        bells.delete(shard);
      }
    },
  };
}

function asBusError(error: unknown): unknown {
  const isAway =
    error instanceof FraiseqlError && (error.code === "DATABASE_UNAVAILABLE" || error.code === "STATEMENT_TIMEOUT");
  return isAway ? new FraiseqlError("BUS_UNAVAILABLE", "The event bus cannot be reached.", { cause: error }) : error;
}
