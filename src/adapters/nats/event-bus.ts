/** The bus on NATS JetStream, through `nats.ws`. */
import { SHARDS } from "../../core/events/subject.ts";
import type { EventBus, RefusedMessage } from "../../ports/event-bus.ts";
import type { Wait } from "../../ports/wait.ts";
import { type NatsLink, type NatsOptions, natsLinks } from "./nats-link.ts";
import { publish } from "./publish.ts";
import { readShard } from "./read-shard.ts";
import {
  ensureStreams,
  eventStream,
  refusedStream,
  type StreamOptions,
  shardOfConsumer,
  unlessMissing,
} from "./streams.ts";
import { failureOf } from "./unavailable.ts";

export type NatsBusOptions = NatsOptions &
  StreamOptions & {
    /** What is not acknowledged for so long is given again, milliseconds. */
    readonly ackWaitMs: number;
    readonly wait: Pick<Wait, "wait">;
  };

/**
 * nats-server 2.9 says that a stream is gone before its files are, and then takes its folder away with what was made there
 * in its place: messages are confirmed that nobody can read, and soon none are taken. So a stream that was there is not made
 * again at once.
 */
const REMOVAL_MS = 1_000;

/** Connects when it is first asked for something, and makes its streams then; away or refused, NATS is BUS_UNAVAILABLE. */
export function openNatsBus(options: NatsBusOptions): EventBus {
  const links = natsLinks(options);
  const stream = eventStream(options);
  const closing = new AbortController();
  let hadStreams = false;
  const ensured = async ({ manager }: NatsLink) => {
    const removal = () => (hadStreams ? options.wait.wait(REMOVAL_MS, closing.signal) : Promise.resolve());
    const info = await ensureStreams(manager, options, removal);
    hadStreams = true;
    return info;
  };
  let streamsOf: NatsLink | undefined;
  /** The link, with the streams there. A stream may be deleted at any time: `state` looks each time. */
  const opened = async () => {
    const link = await links.open();
    if (streamsOf !== link) await link.whileUp(() => ensured(link));
    streamsOf = link;
    return link;
  };
  const reached = async <T>(step: (link: NatsLink) => Promise<T>): Promise<T> => {
    try {
      const link = await opened();
      return await link.whileUp(() => step(link));
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
        const { created, state } = await ensured(link);
        const incarnation = String(created);
        if (link.known?.incarnation !== incarnation) link.known = { incarnation, lastId: undefined };
        return { incarnation, lastSequence: state.last_seq };
      }),
    incarnation: () => reached(async (link) => String((await ensured(link)).created)),
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

async function pending({ manager }: NatsLink, stream: string): Promise<readonly number[]> {
  const told = Array.from({ length: SHARDS }, (): number[] => []);
  for await (const { name, num_pending: ahead, num_ack_pending: taken } of manager.consumers.list(stream))
    told[shardOfConsumer(name) ?? -1]?.push(ahead + taken);
  // A shard that nobody ever read has no consumer: all of it waits.
  const unread = told.every((counts) => counts.length > 0) ? [] : await subjectCounts(manager, stream);
  return told.map((counts, shard) => {
    // There are two for a moment, where a reader is made anew.
    if (counts.length > 0) return Math.min(...counts);
    const prefix = `fql.ev.${shard}.`;
    return unread.reduce((sum, [subject, count]) => sum + (subject.startsWith(prefix) ? count : 0), 0);
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
