import { headers, type MsgHdrs } from "nats.ws";
import { FraiseqlError } from "../../core/errors.ts";
import type { BusMessage } from "../../ports/event-bus.ts";
import type { NatsLink } from "./nats-link.ts";
import { apiErrorCode } from "./streams.ts";
import { unavailable } from "./unavailable.ts";

/** Of one call on their way at the same time. */
const PIPELINE_MAX = 256;
/** "wrong last msg ID": another message is the stream's newest. */
const WRONG_LAST_ID = 10070;

/**
 * Each message names the one before it, which has to be the stream's newest: what a broken connection loses in the middle
 * takes all after it along, a stream that was made anew meanwhile takes none, and no later change of a row comes before an
 * earlier one. So the confirmation of the last is that of all, and only that is asked for. Where somebody else has published
 * in between, or the last was there before, they go one by one.
 *
 * @returns the largest sequence
 */
export async function publish(link: NatsLink, name: string, messages: readonly BusMessage[]): Promise<number> {
  checkSizes(messages, link.connection.info?.max_payload ?? 1_048_576);
  try {
    const last = await publishMany(link, name, messages);
    if (last !== undefined) return last;
  } catch (error) {
    if (apiErrorCode(error) !== WRONG_LAST_ID) throw error;
    const { created } = await link.manager.streams.info(name);
    if (String(created) !== link.known?.incarnation) {
      link.inDoubt = true;
      throw unavailable("The log was made anew; ask for its state first.", error);
    }
  }
  let sequence = 0;
  for (const message of messages) {
    const { seq } = await link.whileUp(() => send(link, name, message, undefined));
    sequence = Math.max(sequence, seq);
  }
  return sequence;
}

/** Undefined where it cannot be said whether all are there. */
async function publishMany(link: NatsLink, name: string, messages: readonly BusMessage[]): Promise<number | undefined> {
  let before = link.known?.lastId;
  let sequence = 0;
  // One for all: it is written out with each message.
  const header = headers();
  header.set("Nats-Expected-Stream", name);
  for (let from = 0; from < messages.length; from += PIPELINE_MAX) {
    const chunk = messages.slice(from, from + PIPELINE_MAX);
    const last = chunk.pop() as BusMessage;
    // Its caller has left when the connection was lost: nothing more is to come of this batch.
    const sent = await link.whileUp(() => {
      for (const message of chunk) {
        put(link, header, message, before);
        before = message.id;
      }
      return send(link, name, last, before);
    });
    if (sent.duplicate && messages.length > 1) return undefined;
    before = last.id;
    sequence = sent.seq;
  }
  return sequence;
}

/** Without asking for its confirmation. */
function put(link: NatsLink, header: MsgHdrs, { id, subject, body }: BusMessage, after: string | undefined): void {
  checkDoubt(link);
  header.set("Nats-Msg-Id", id);
  if (after !== undefined) header.set("Nats-Expected-Last-Msg-Id", after);
  link.connection.publish(subject, body, { headers: header });
}

async function send(link: NatsLink, name: string, { id, subject, body }: BusMessage, after: string | undefined) {
  checkDoubt(link);
  const expect = { streamName: name, ...(after === undefined ? {} : { lastMsgID: after }) };
  const { seq, duplicate } = await link.stream.publish(subject, body, { msgID: id, expect });
  // Of one that was there already nobody knows whether it is the newest.
  if (link.known) link.known = { ...link.known, lastId: duplicate ? undefined : id };
  return { seq, duplicate };
}

function checkDoubt({ inDoubt }: NatsLink): void {
  if (inDoubt) throw unavailable("The connection to the event bus was lost; ask for its state first.");
}

/** All before any: a batch that cannot be published is not begun. */
function checkSizes(messages: readonly BusMessage[], bytesMax: number): void {
  for (const { id, body } of messages) {
    if (body.length * 3 <= bytesMax || new TextEncoder().encode(body).length <= bytesMax) continue;
    const message = `The event ${id} is larger than the ${bytesMax} bytes that NATS takes; raise max_payload there.`;
    throw new FraiseqlError("PAYLOAD_TOO_LARGE", message, { details: { limit: bytesMax } });
  }
}
