/** The bus on NATS JetStream, through `nats.ws`. */
import { FraiseqlError } from "../../core/errors.ts";
import { SHARDS } from "../../core/events/subject.ts";
import type { BusMessage, EventBus, RefusedMessage } from "../../ports/event-bus.ts";
import { failureOf, type NatsLink, type NatsOptions, natsLinks, unavailable } from "./nats-link.ts";
import { readShard } from "./read-shard.ts";
import {
  consumerName,
  ensureStreams,
  eventStream,
  refusedStream,
  type StreamOptions,
  unlessMissing,
} from "./streams.ts";

export type NatsBusOptions = NatsOptions &
  StreamOptions & {
    /** What is not acknowledged for so long is given again, milliseconds. */
    readonly ackWaitMs: number;
  };

/** Of one call on their way at the same time. */
const PIPELINE_MAX = 256;

export function openNatsBus(options: NatsBusOptions): EventBus {
  const links = natsLinks(options);
  const stream = eventStream(options);
  const closing = new AbortController();
  let streamsOf: NatsLink | undefined;
  /** The link, with the streams there. A stream may be deleted at any time: `state` looks each time. */
  const opened = async () => {
    const link = await links.open();
    if (!link.isUp) throw unavailable("The connection to the event bus is being made anew.");
    if (streamsOf !== link) await ensureStreams(link.manager, options);
    streamsOf = link;
    return link;
  };
  const reached = async <T>(step: (link: NatsLink) => Promise<T>): Promise<T> => {
    try {
      const link = await opened();
      return await Promise.race([step(link), link.lost()]);
    } catch (error) {
      // The next call looks whether the streams are there.
      streamsOf = undefined;
      throw failureOf(error);
    }
  };
  return {
    ackWaitMs: options.ackWaitMs,
    publish: (messages) => reached((link) => publish(link, stream, messages)),
    state: () =>
      reached(async (link) => {
        link.inDoubt = false;
        const { created, state } = await ensureStreams(link.manager, options);
        return { incarnation: String(created), lastSequence: state.last_seq };
      }),
    read: (read) =>
      readShard({ open: opened, options }, { ...read, signal: AbortSignal.any([read.signal, closing.signal]) }),
    pending: () => reached((link) => pending(link, stream)),
    refused: ({ limit }) => reached((link) => refused(link, refusedStream(options), limit)),
    close: () => {
      closing.abort();
      return links.close();
    },
  };
}

/**
 * Each message names the one before it, which has to be the stream's newest: what a broken connection loses in the middle
 * takes all after it along, and no later change of a row comes before an earlier one.
 */
async function publish(link: NatsLink, name: string, messages: readonly BusMessage[]): Promise<number> {
  const { connection, stream } = link;
  const bytesMax = connection.info?.max_payload ?? 1_048_576;
  const encoder = new TextEncoder();
  // All before any: a batch that cannot be published is not begun.
  for (const { id, body } of messages) {
    if (body.length * 3 > bytesMax && encoder.encode(body).length > bytesMax) throw tooLarge(id, bytesMax);
  }
  let before: string | undefined;
  let sequence = 0;
  for (let from = 0; from < messages.length; from += PIPELINE_MAX) {
    if (link.inDoubt) throw unavailable("The connection to the event bus was lost; ask for its state first.");
    const sent = messages.slice(from, from + PIPELINE_MAX).map(({ id, subject, body }) => {
      const expect = { streamName: name, ...(before === undefined ? {} : { lastMsgID: before }) };
      before = id;
      return stream.publish(subject, encoder.encode(body), { msgID: id, expect });
    });
    const results = await Promise.allSettled(sent);
    for (const result of results) {
      if (result.status === "rejected") throw result.reason;
      sequence = Math.max(sequence, result.value.seq);
    }
  }
  return sequence;
}

function tooLarge(id: string, bytesMax: number): FraiseqlError {
  const message = `The event ${id} is larger than the ${bytesMax} bytes that NATS takes; raise max_payload there.`;
  return new FraiseqlError("PAYLOAD_TOO_LARGE", message, { details: { limit: bytesMax } });
}

async function pending({ manager }: NatsLink, stream: string): Promise<readonly number[]> {
  const known = new Map<string, number>();
  for await (const info of manager.consumers.list(stream))
    known.set(info.name, info.num_pending + info.num_ack_pending);
  // A shard that nobody ever read has no consumer: all of it waits.
  const unread = known.size === SHARDS ? [] : await subjectCounts(manager, stream);
  return Array.from({ length: SHARDS }, (_, shard) => {
    const prefix = `fql.ev.${shard}.`;
    const waiting = unread.reduce((sum, [subject, count]) => sum + (subject.startsWith(prefix) ? count : 0), 0);
    return known.get(consumerName(shard)) ?? waiting;
  });
}

async function subjectCounts(manager: NatsLink["manager"], stream: string): Promise<readonly [string, number][]> {
  const info = await manager.streams.info(stream, { subjects_filter: ">" });
  return Object.entries(info.state.subjects ?? {});
}

async function refused({ manager }: NatsLink, stream: string, limit: number): Promise<readonly RefusedMessage[]> {
  const { state } = await manager.streams.info(stream);
  const found: RefusedMessage[] = [];
  for (let seq = state.last_seq; seq >= state.first_seq && seq > 0 && found.length < limit; seq -= 1) {
    const message = await unlessMissing(manager.streams.getMessage(stream, { seq }));
    if (message === undefined) continue;
    const told = (name: string) => message.header?.get(name) ?? "";
    found.push({
      id: told("Fraiseql-Id"),
      subject: told("Fraiseql-Subject"),
      body: message.string(),
      reason: decodeURIComponent(told("Fraiseql-Reason")),
      refusedAt: message.time.toISOString(),
    });
  }
  return found;
}
