/** The event bus in PostgreSQL, for installations without NATS; its tables and functions are those of `0005-bus.sql`. */
import type { Sql } from "postgres";
import { FraiseqlError } from "../../../core/errors.ts";
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

export function openPostgresBus(options: PostgresBusOptions): EventBus {
  const { sql, wait, ackWaitMs = 30_000, slotSeconds = 3 * 3_600, messageBytesMax = 1_000_000 } = options;
  const closing = new AbortController();
  let wake = new AbortController();
  const wakeUp = () => {
    wake.abort();
    wake = new AbortController();
  };
  const endListening = listenTo(sql, "fraiseql_bus", wakeUp);
  const statements = busStatements(sql, async (step) => {
    if (closing.signal.aborted) throw new FraiseqlError("BUS_UNAVAILABLE", "The event bus is closed.");
    return asked(step).catch((error: unknown) => {
      throw asBusError(error);
    });
  });
  const read = readShard({ statements, wait, ackWaitMs, closing: closing.signal, wake: () => wake.signal });
  return {
    publish: async (messages) => {
      if (messages.length === 0) return 0;
      for (const { id, body } of messages) {
        if (Buffer.byteLength(body) <= messageBytesMax) continue;
        throw new FraiseqlError("PAYLOAD_TOO_LARGE", `The message ${id} is larger than ${messageBytesMax} bytes.`);
      }
      const sequence = await statements.publish(messages, slotSeconds);
      wakeUp();
      return sequence;
    },
    state: statements.state,
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

function asBusError(error: unknown): unknown {
  const isAway =
    error instanceof FraiseqlError && (error.code === "DATABASE_UNAVAILABLE" || error.code === "STATEMENT_TIMEOUT");
  return isAway ? new FraiseqlError("BUS_UNAVAILABLE", "The event bus cannot be reached.", { cause: error }) : error;
}
