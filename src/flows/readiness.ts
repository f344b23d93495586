/** What waits where, and for how long: for `/health/ready`, `/api/status`, `fraiseql status` and metrics. */
import type { EventBus } from "../ports/event-bus.ts";
import type { JobCounts, JobQueue } from "../ports/job-queue.ts";
import type { DeliveryState, Ledger } from "../ports/ledger.ts";
import type { Outbox, OutboxState } from "../ports/outbox.ts";
import type { RuleStore } from "../ports/rule-store.ts";
import { refuseOtherBus } from "./events/own-bus.ts";

export type StatusParts = {
  readonly bus: EventBus;
  readonly ledger: Ledger;
  readonly outbox: Pick<Outbox, "state" | "relayedTo">;
  readonly queue: JobQueue;
  readonly store: RuleStore;
  /** How an error is told; by its message alone, where others than operators may ask. */
  readonly tell?: (error: Error) => string;
};

/** A part that cannot be asked is told as its error's message. */
export type Asked<T> = T | { readonly unavailable: string };

export type Status = {
  /** Every part could be asked, and the queue takes jobs. */
  readonly ready: boolean;
  readonly rules: Asked<{ readonly version: number }>;
  readonly outbox: Asked<OutboxState>;
  /** Events on the bus that are not decided, all shards together and each. */
  readonly bus: Asked<{ readonly pending: number; readonly shards: readonly number[] }>;
  readonly queue: Asked<JobCounts>;
  /** A Redis that only takes nothing more can still be asked what it has. */
  readonly intake: Asked<{ readonly open: true }>;
  readonly deliveries: Asked<Readonly<Record<DeliveryState, number>>>;
};

/** Never rejects and never waits long: what is away is told as such. */
export async function readiness({
  bus,
  ledger,
  outbox,
  queue,
  store,
  tell = ({ message }) => message,
}: StatusParts): Promise<Status> {
  const ask = <T>(question: () => Promise<T>) => asked(question, tell);
  const [rules, outboxState, pending, counts, intake, deliveries] = await Promise.all([
    ask(async () => ({ version: await store.version() })),
    ask(() => outbox.state()),
    ask(async () => {
      const [shards] = await Promise.all([bus.pending(), refuseOtherBus({ bus, outbox })]);
      return { pending: shards.reduce((sum, count) => sum + count, 0), shards };
    }),
    ask(() => queue.counts()),
    ask(async () => {
      await queue.trial();
      return { open: true as const };
    }),
    ask(() => ledger.counts()),
  ]);
  const all = { rules, outbox: outboxState, bus: pending, queue: counts, intake, deliveries };
  return { ready: Object.values(all).every(isThere), ...all };
}

/** Whether the part could be asked. */
export function isThere<T extends object>(asked: Asked<T>): asked is T {
  return !("unavailable" in asked);
}

const PATIENCE_MS = 3_000;

async function asked<T>(question: () => Promise<T>, tell: (error: Error) => string): Promise<Asked<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<{ unavailable: string }>((resolve) => {
    timer = setTimeout(() => resolve({ unavailable: `no answer within ${PATIENCE_MS} ms` }), PATIENCE_MS);
  });
  try {
    return await Promise.race([question(), late]);
  } catch (error) {
    return { unavailable: error instanceof Error ? tell(error) : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
