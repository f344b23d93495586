/** Events that are put on the bus once more because somebody asks: rules decide on them again, as they are now. */
import { type ChangeEvent, SPILL_BYTES } from "../../core/events/change-event.ts";
import { writeExactJson } from "../../core/events/exact-json.ts";
import type { JsonObject } from "../../core/events/json.ts";
import { replayId } from "../../core/events/replay-id.ts";
import { subjectOf } from "../../core/events/subject.ts";
import type { EventBus } from "../../ports/event-bus.ts";
import type { Outbox, OutboxPage } from "../../ports/outbox.ts";

export type ReplayParts = {
  readonly outbox: Pick<Outbox, "event" | "published" | "replayed">;
  readonly bus: Pick<EventBus, "publish" | "state">;
};

export type Replayed = {
  /** Ids of events that are on the bus again. */
  readonly published: readonly string[];
  /** Ids that the outbox does not keep, or not any more. */
  readonly unknown: readonly string[];
};

const BATCH = 500;

/** @throws FraiseqlError BUS_UNAVAILABLE; what was published by then may be published again */
export async function replayEvents(parts: ReplayParts, ids: readonly string[]): Promise<Replayed> {
  const found: ChangeEvent[] = [];
  const unknown: string[] = [];
  for (const id of new Set(ids)) {
    const event = await parts.outbox.event(id);
    if (event === undefined) unknown.push(id);
    else found.push(event);
  }
  return { published: await publishAgain(parts, found), unknown };
}

/** Every published event that fits, in order, up to the newest there is when it begins. */
export async function replayPublished(
  parts: ReplayParts,
  filter: Pick<OutboxPage, "table" | "since"> & { readonly limit: number },
): Promise<Replayed> {
  const published: string[] = [];
  for (let after = 0; published.length < filter.limit; ) {
    const page = await parts.outbox.published({
      table: filter.table,
      since: filter.since,
      after,
      limit: Math.min(BATCH, filter.limit - published.length),
    });
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.position;
    published.push(...(await publishAgain(parts, page)));
  }
  return { published, unknown: [] };
}

async function publishAgain({ outbox, bus }: ReplayParts, events: readonly ChangeEvent[]) {
  if (events.length === 0) return [];
  // A bus that was away has to be asked before it takes anything; while it is away, no replay is counted that never was.
  await bus.state();
  const counts = await outbox.replayed(events.map(({ id }) => id));
  await bus.publish(
    events.map((event, index) => ({
      id: replayId(event.id, counts[index] ?? 0),
      subject: subjectOf(event),
      body: busText(event),
    })),
  );
  return events.map(({ id }) => id);
}

/** As the relay has it: what is too large to carry stays in the outbox. */
function busText(event: ChangeEvent): string {
  const text = writeExactJson(event as unknown as JsonObject);
  if (text.length <= SPILL_BYTES) return text;
  return writeExactJson({ ...event, before: null, after: null, spilled: true } as unknown as JsonObject);
}
