/** One shard of the stream, read in order for as long as it is wanted, whatever happens to the server meanwhile. */
import { ConsumerEvents, type ConsumerMessages, type JsMsg } from "nats.ws";
import type { BusDelivery, ReadOptions } from "../../ports/event-bus.ts";
import type { Wait } from "../../ports/wait.ts";
import type { NatsLink } from "./nats-link.ts";
import { refusedHeaders } from "./refused.ts";
import { eventStream, refusedSubject, renewConsumer, type StreamOptions } from "./streams.ts";
import { failureOf, unavailable } from "./unavailable.ts";

type ReadParts = {
  readonly open: () => Promise<NatsLink>;
  readonly options: StreamOptions & { readonly ackWaitMs: number; readonly wait: Pick<Wait, "wait"> };
};

/** The server says so often that it is there; two missed and the reading begins anew. */
const HEARTBEAT_MS = 1_000;
const HEARTBEATS_MISSED_MAX = 3;
const EXPIRES_MS = 10_000;
const AGAIN_MS_MIN = 50;
const AGAIN_MS_MAX = 1_000;

export async function* readShard(parts: ReadParts, read: ReadOptions): AsyncGenerator<BusDelivery> {
  const { signal } = read;
  let pause = AGAIN_MS_MIN;
  let acknowledged: Acknowledgements | undefined;
  while (!signal.aborted) {
    acknowledged?.end();
    try {
      const link = await parts.open();
      const messages = await consume(link, parts.options, read);
      const stop = () => messages.stop();
      signal.addEventListener("abort", stop, { once: true });
      stopWhenLost(messages);
      // What was on its way is gone, and would come only after the wait, behind later messages of the same rows.
      const forget = link.whenLost(stop);
      acknowledged = acknowledgements(link);
      const reading = { link, shard: read.shard, acknowledged };
      try {
        if (signal.aborted) return;
        for await (const message of messages) {
          if (signal.aborted) return;
          pause = AGAIN_MS_MIN;
          yield new Delivery(message, reading);
        }
      } finally {
        forget();
        signal.removeEventListener("abort", stop);
        messages.stop();
      }
    } catch {
      // Whoever wants to know that the bus is away hears it from `publish` and `state`.
    }
    await parts.options.wait.wait(pause, signal);
    pause = Math.min(pause * 2, AGAIN_MS_MAX);
  }
}

async function consume(
  link: NatsLink,
  options: ReadParts["options"],
  { shard, inFlightMax }: ReadOptions,
): Promise<ConsumerMessages> {
  const stream = eventStream(options);
  const { name } = await renewConsumer(link, stream, { shard, inFlightMax, ackWaitMs: options.ackWaitMs });
  const consumer = await link.whileUp(() => link.stream.consumers.get(stream, name));
  return await consumer.consume({ max_messages: inFlightMax, expires: EXPIRES_MS, idle_heartbeat: HEARTBEAT_MS });
}

/** What the client would wait for in vain: a stream or a consumer that is no more, and a server that fell silent. */
async function stopWhenLost(messages: ConsumerMessages): Promise<void> {
  for await (const { type, data } of await messages.status()) {
    const silent = type === ConsumerEvents.HeartbeatsMissed && Number(data) >= HEARTBEATS_MISSED_MAX;
    const gone =
      type === ConsumerEvents.ConsumerDeleted ||
      type === ConsumerEvents.ConsumerNotFound ||
      type === ConsumerEvents.StreamNotFound ||
      type === ConsumerEvents.NoResponders;
    if (silent || gone) messages.stop();
  }
}

/** One is made for every event: what few ask for is read when it is asked for. */
class Delivery implements BusDelivery {
  readonly id: string;
  readonly body: string;
  readonly #message: JsMsg;
  readonly #reading: Reading;

  constructor(message: JsMsg, reading: Reading) {
    this.id = message.headers?.get("Nats-Msg-Id") ?? "";
    this.body = message.string();
    this.#message = message;
    this.#reading = reading;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get sequence(): number {
    return this.#message.seq;
  }

  get attempt(): number {
    return this.#message.info.deliveryCount;
  }

  ack(): Promise<void> {
    return this.#reading.acknowledged.acknowledge(this.#message);
  }

  async working(): Promise<void> {
    if (!this.#reading.acknowledged.isOver()) this.#message.working();
  }

  async retry(delayMs: number): Promise<void> {
    if (!this.#reading.acknowledged.isOver()) this.#message.nak(delayMs);
  }

  async reject(reason: string): Promise<void> {
    const { link, shard } = this.#reading;
    await reached(link, () =>
      link.stream.publish(refusedSubject(shard), this.#message.data, {
        msgID: this.id,
        headers: refusedHeaders(this.id, this.subject, reason),
      }),
    );
    await this.ack();
  }
}

type Reading = { readonly link: NatsLink; readonly shard: number; readonly acknowledged: Acknowledgements };

type Acknowledgements = { acknowledge(message: JsMsg): Promise<void>; isOver(): boolean; end(): void };

/**
 * Those of one moment go out together. The server takes a consumer's one after the other: the last one's confirmation is that of
 * all. After the end all are rejected: what was read comes again, from another consumer, and where the stream was made anew or
 * went back, what is said of it would be taken for that of another message.
 */
function acknowledgements(link: NatsLink): Acknowledgements {
  let isOver = false;
  let waiting: { readonly messages: JsMsg[]; readonly confirmed: Promise<void> } | undefined;
  const confirmation = async (messages: readonly JsMsg[]) => {
    await Promise.resolve();
    waiting = undefined;
    await reached(link, async () => {
      for (const message of messages.slice(0, -1)) message.ack();
      if (!(await messages.at(-1)?.ackAck())) throw new Error("the acknowledgement was not confirmed");
    });
  };
  const acknowledge = (message: JsMsg) => {
    if (isOver) return Promise.reject(unavailable("The reading began anew meanwhile; the message comes again."));
    if (waiting === undefined) {
      const messages: JsMsg[] = [];
      waiting = { messages, confirmed: confirmation(messages) };
    }
    waiting.messages.push(message);
    return waiting.confirmed;
  };
  const end = () => {
    isOver = true;
  };
  return { acknowledge, isOver: () => isOver, end };
}

async function reached<T>(link: NatsLink, step: () => Promise<T>): Promise<T> {
  try {
    return await link.whileUp(step);
  } catch (error) {
    throw failureOf(error);
  }
}
