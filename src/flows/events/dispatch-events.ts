/** From the events of one shard to decisions in the ledger and jobs in the queue; only then is an event acknowledged. */
import { type ChangeEvent, lengthProblem } from "../../core/events/change-event.ts";
import { decodeChangeEvent } from "../../core/events/decode-change-event.ts";
import { eventIdOf } from "../../core/events/replay-id.ts";
import { checkJob } from "../../core/jobs/check-job.ts";
import type { Observe } from "../../core/observation.ts";
import { beginTrace, childOf } from "../../core/trace.ts";
import type { BusDelivery, EventBus } from "../../ports/event-bus.ts";
import type { JobQueue } from "../../ports/job-queue.ts";
import type { Decided, Ledger } from "../../ports/ledger.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Wait } from "../../ports/wait.ts";
import type { LiveRules } from "../rules/live-rules.ts";
import { collected } from "./collected.ts";
import { decideEvent } from "./decide-event.ts";

export type DispatchParts = {
  readonly bus: EventBus;
  readonly rules: LiveRules;
  readonly ledger: Ledger;
  readonly queue: JobQueue;
  /** Where the rows of events are that were too large to carry. */
  readonly outbox: Pick<Outbox, "event">;
  readonly wait: Wait;
  readonly observe: Observe;
  /** Called when there are new jobs in the queue: a job runner of this process need not wait for its next look. */
  readonly jobsArrived?: () => void;
};

const IN_FLIGHT_MAX = 2_048;
const BATCH_MAX = 512;
const RETRY_MS_MAX = 2_000;

type Read = {
  readonly delivery: BusDelivery;
  readonly event: ChangeEvent;
  readonly decided: Decided;
  /** Of the decision, below the span that wrote the row; a trace of its own where the writer named none. */
  readonly span: string;
};

/** Ends when the signal is aborted, after what it had begun. What it had not is given to the next reader. */
export async function dispatchEvents(parts: DispatchParts, shard: number, signal: AbortSignal): Promise<void> {
  // Under the lease of the shard: what a dispatcher that died had read comes first, and no later change before it.
  const deliveries = parts.bus.read({ shard, inFlightMax: IN_FLIGHT_MAX, alone: true, signal });
  let acknowledged: Promise<unknown> = Promise.resolve();
  // The bus gives one by one what it has.
  const gather = () => parts.wait.wait(0, signal);
  for await (const batch of collected(deliveries, BATCH_MAX, gather)) {
    if (signal.aborted) break;
    const stored = await dispatchBatch(parts, batch, signal);
    await acknowledged;
    // While the next batch is decided. A lost acknowledgement brings the event again, and the ledger knows it.
    acknowledged = Promise.allSettled(stored.map((delivery) => delivery.ack()));
  }
  await acknowledged;
}

/** Gives those to acknowledge: what was decided is in the ledger and in the queue. */
async function dispatchBatch(
  parts: DispatchParts,
  batch: readonly BusDelivery[],
  signal: AbortSignal,
): Promise<readonly BusDelivery[]> {
  const startedAt = parts.wait.now();
  const working = keepWorking(parts, batch);
  try {
    const read: Read[] = [];
    for (const delivery of batch) {
      const decided = await untilDone(parts, signal, () => readDelivery(parts, delivery));
      if (signal.aborted) return [];
      if (decided) read.push(decided);
    }
    const stored = await untilDone(parts, signal, () => store(parts, read));
    if (stored === undefined) return [];
    const endedAt = parts.wait.now();
    for (const { delivery, event, decided, span } of read) {
      const isReplay = eventIdOf(delivery.id) !== delivery.id;
      parts.observe({
        kind: "event-decided",
        eventId: event.id,
        table: event.table,
        matched: decided.matched.length,
        ...(isReplay ? {} : { lagMs: endedAt - Date.parse(event.occurredAt) }),
        traceparent: span,
        parent: event.traceparent,
        startedAt,
        durationMs: endedAt - startedAt,
      });
    }
    return read.map(({ delivery }) => delivery);
  } finally {
    working.stop();
  }
}

/** Undefined for what is no event, or makes no job that a queue takes: it goes to the dead letters of the bus. */
async function readDelivery(parts: DispatchParts, delivery: BusDelivery): Promise<Read | undefined> {
  const refused = async (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    await delivery.reject(reason);
    parts.observe({ kind: "event-refused", eventId: delivery.id, reason });
    return undefined;
  };
  let carried: ChangeEvent;
  try {
    carried = decodeChangeEvent(delivery.body);
  } catch (error) {
    return refused(error);
  }
  const tooLong = lengthProblem(carried);
  if (tooLong !== undefined) return refused(tooLong);
  const event = carried.spilled ? ((await parts.outbox.event(carried.id)) ?? carried) : carried;
  try {
    if (event !== carried && event.spilled) throw new SyntaxError("the rows of the event nest too deep");
    const { random } = parts.wait;
    const span = childOf(event.traceparent, random) ?? beginTrace(random);
    const decided = decideEvent(parts.rules.current(), event, { id: delivery.id, body: delivery.body, span });
    // Once it is decided it is tried until it is in the queue: what no queue takes would hold up the shard for ever.
    for (const { job } of decided.deliveries) checkJob(job);
    return { delivery, event, decided, span };
  } catch (error) {
    return refused(error);
  }
}

async function store({ ledger, queue, jobsArrived }: DispatchParts, read: readonly Read[]): Promise<true> {
  const jobs = await ledger.decide(read.map(({ decided }) => decided));
  if (jobs.length > 0) {
    await queue.enqueue(jobs);
    jobsArrived?.();
  }
  return true;
}

/** Again and again, in place: events that come after must not overtake. Undefined when the signal ended it. */
async function untilDone<T>(
  { wait, observe }: DispatchParts,
  signal: AbortSignal,
  step: () => Promise<T>,
): Promise<T | undefined> {
  for (let pause = 20; !signal.aborted; pause = Math.min(pause * 2, RETRY_MS_MAX)) {
    try {
      return await step();
    } catch (error) {
      observe({ kind: "part-failed", part: "dispatcher", error });
      await wait.wait(pause, signal);
    }
  }
  return undefined;
}

/** Tells the bus at a third of its patience that the batch is in good hands. */
function keepWorking({ bus, wait }: DispatchParts, batch: readonly BusDelivery[]): { stop(): void } {
  const over = new AbortController();
  const telling = async () => {
    for (;;) {
      await wait.wait(bus.ackWaitMs / 3, over.signal);
      if (over.signal.aborted) return;
      await Promise.allSettled(batch.map((delivery) => delivery.working()));
    }
  };
  telling();
  return { stop: () => over.abort() };
}
