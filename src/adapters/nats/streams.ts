/** The streams and consumers on the server, made when they are missing. Everything here is in nats-server since 2.9. */
import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  nanos,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from "nats.ws";
import { EVENT_SUBJECTS, shardSubjects } from "../../core/events/subject.ts";
import type { NatsLink } from "./nats-link.ts";

export type StreamOptions = {
  /** Names the streams, and tells them apart from those of other installations on the server. */
  readonly name: string;
  /** Equal message ids within it are one message, milliseconds. */
  readonly duplicateWindowMs: number;
  /** How long messages are kept, milliseconds. */
  readonly retentionMs: number;
  readonly replicas: number;
};

const NOT_FOUND = 404;

export const eventStream = ({ name }: Pick<StreamOptions, "name">) => `${name}_EVENTS`;
export const refusedStream = ({ name }: Pick<StreamOptions, "name">) => `${name}_REFUSED`;
const REFUSED_SUBJECTS = "fql.refused.>";

/** Where what a shard refused is kept. */
export function refusedSubject(shard: number): string {
  return `fql.refused.${shard}`;
}

/**
 * Makes both streams where they are missing; gives what the events' one holds.
 *
 * @param beforeAgain is waited for where a stream is missing, and asked for again after it
 */
export async function ensureStreams(
  manager: JetStreamManager,
  options: StreamOptions,
  beforeAgain: () => Promise<void>,
): Promise<StreamInfo> {
  const kept = { max_age: nanos(options.retentionMs), num_replicas: options.replicas };
  const [events] = await Promise.all([
    ensureStream(manager, beforeAgain, {
      name: eventStream(options),
      subjects: [EVENT_SUBJECTS],
      duplicate_window: nanos(Math.min(options.duplicateWindowMs, options.retentionMs)),
      ...kept,
    }),
    // What was refused waits for somebody to look at it.
    ensureStream(manager, beforeAgain, {
      name: refusedStream(options),
      subjects: [REFUSED_SUBJECTS],
      num_replicas: options.replicas,
    }),
  ]);
  return events;
}

async function ensureStream(
  manager: JetStreamManager,
  beforeAgain: () => Promise<void>,
  config: Partial<StreamConfig> & { readonly name: string },
): Promise<StreamInfo> {
  const found = await unlessMissing(manager.streams.info(config.name));
  if (found) return found;
  await beforeAgain();
  return await manager.streams.add({ storage: StorageType.File, retention: RetentionPolicy.Limits, ...config });
}

/** The shard whose reader has, or had, the consumer; undefined for one that is somebody else's. */
export function shardOfConsumer(name: string): number | undefined {
  const [, shard] = /^shard-(\d+)-\w+$/.exec(name) ?? [];
  return shard === undefined ? undefined : Number(shard);
}

/**
 * A new durable consumer in place of the shard's: it begins after the last message below which all are acknowledged. The
 * old one would give what its reader took with it only after the wait, behind later messages of the same rows. It goes
 * when the new one is there, so that a cut between the two does not lose the place. No two ever have the same name: what
 * a reader that stood still says of messages of a stream that is no more would be taken for that of others.
 */
export async function renewConsumer(
  { manager, whileUp }: Pick<NatsLink, "manager" | "whileUp">,
  stream: string,
  {
    shard,
    ackWaitMs,
    inFlightMax,
  }: { readonly shard: number; readonly ackWaitMs: number; readonly inFlightMax: number },
): Promise<ConsumerInfo> {
  const found = await whileUp(() => consumersOf(manager, stream, shard));
  const [before, ...leftOver] = found.toSorted((one, other) => placeOf(other) - placeOf(one));
  const remove = (info: ConsumerInfo) => whileUp(() => unlessMissing(manager.consumers.delete(stream, info.name)));
  for (const info of leftOver) await remove(info);
  const config = {
    durable_name: `shard-${shard}-${crypto.randomUUID().slice(0, 8)}`,
    filter_subject: shardSubjects(shard),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: inFlightMax,
    max_deliver: -1,
    ...(before === undefined
      ? { deliver_policy: DeliverPolicy.All }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: placeOf(before) + 1 }),
  };
  const made = await whileUp(() => manager.consumers.add(stream, config));
  if (before) await remove(before);
  return made;
}

async function consumersOf(manager: JetStreamManager, stream: string, shard: number): Promise<ConsumerInfo[]> {
  const found: ConsumerInfo[] = [];
  for await (const info of manager.consumers.list(stream)) if (shardOfConsumer(info.name) === shard) found.push(info);
  return found;
}

/** The last message below which all are acknowledged. Of a consumer of which none is yet, the server says 0. */
function placeOf({ ack_floor, config }: ConsumerInfo): number {
  return Math.max(ack_floor.stream_seq, (config.opt_start_seq ?? 1) - 1);
}

/** Undefined where the server says that there is no such thing. */
export async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (apiCode(error) === NOT_FOUND) return undefined;
    throw error;
  }
}

function apiCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("api_error" in error)) return undefined;
  const { api_error: api } = error;
  return typeof api === "object" && api !== null && "code" in api ? Number(api.code) : undefined;
}

/** https://github.com/nats-io/nats-server/blob/v2.9.10/server/errors.json */
export function apiErrorCode(error: unknown): number | undefined {
  return (error as { readonly api_error?: { readonly err_code?: number } }).api_error?.err_code;
}
