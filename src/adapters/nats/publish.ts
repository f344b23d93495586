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
 * earlier one. Where somebody else has published in between, they go one by one.
 *
 * @returns the largest sequence
 */
export async function publish(link: NatsLink, name: string, messages: readonly BusMessage[]): Promise<number> {
  checkSizes(messages, link.connection.info?.max_payload ?? 1_048_576);
  try {
    return await publishMany(link, name, messages);
  } catch (error) {
    if (apiErrorCode(error) !== WRONG_LAST_ID) throw error;
    const { created } = await link.manager.streams.info(name);
    if (String(created) !== link.known?.incarnation) {
      link.inDoubt = true;
      throw unavailable("The log was made anew; ask for its state first.", error);
    }
  }
  let sequence = 0;
  for (const message of messages)
    sequence = Math.max(sequence, await link.whileUp(() => send(link, name, message, undefined)));
  return sequence;
}

async function publishMany(link: NatsLink, name: string, messages: readonly BusMessage[]): Promise<number> {
  let before = link.known?.lastId;
  let sequence = 0;
  for (let from = 0; from < messages.length; from += PIPELINE_MAX) {
    const chunk = messages.slice(from, from + PIPELINE_MAX);
    const sendAfter = (message: BusMessage) => {
      const after = before;
      before = message.id;
      return send(link, name, message, after);
    };
    // Its caller has left when the connection was lost: nothing more is to come of this batch.
    for (const result of await link.whileUp(() => Promise.allSettled(chunk.map(sendAfter)))) {
      if (result.status === "rejected") throw result.reason;
      sequence = Math.max(sequence, result.value);
    }
  }
  return sequence;
}

async function send(link: NatsLink, name: string, { id, subject, body }: BusMessage, after: string | undefined) {
  if (link.inDoubt) throw unavailable("The connection to the event bus was lost; ask for its state first.");
  const expect = { streamName: name, ...(after === undefined ? {} : { lastMsgID: after }) };
  const { seq, duplicate } = await link.stream.publish(subject, body, { msgID: id, expect });
  // Of one that was there already nobody knows whether it is the newest.
  if (link.known) link.known = { ...link.known, lastId: duplicate ? undefined : id };
  return seq;
}

/** All before any: a batch that cannot be published is not begun. */
function checkSizes(messages: readonly BusMessage[], bytesMax: number): void {
  for (const { id, body } of messages) {
    if (body.length * 3 <= bytesMax || new TextEncoder().encode(body).length <= bytesMax) continue;
    const message = `The event ${id} is larger than the ${bytesMax} bytes that NATS takes; raise max_payload there.`;
    throw new FraiseqlError("PAYLOAD_TOO_LARGE", message, { details: { limit: bytesMax } });
  }
}
