/** The relay: committed changes from the outbox to the bus, in the order of their positions, none left out. */
import { type Barrier, settledRows } from "../../core/events/settled.ts";
import type { Observe } from "../../core/observation.ts";
import type { ChangeFeed, FeedRead, FeedRow } from "../../ports/change-feed.ts";
import type { EventBus } from "../../ports/event-bus.ts";
import type { Lease } from "../../ports/leases.ts";
import type { Wait } from "../../ports/wait.ts";
import { type LeaseParts, underLease } from "../under-lease.ts";
import { type BusWatch, watchBus } from "./bus-watch.ts";
import { rememberedSubjects } from "./event-subjects.ts";

export type RelayParts = {
  readonly feed: ChangeFeed;
  readonly bus: EventBus;
  readonly wait: Wait;
  readonly observe: Observe;
};

export type RelayOptions = {
  /** How long published rows are kept. */
  readonly retentionMs: number;
  /** Rows that are read and published at once, at most. */
  readonly rowsMax?: number;
  /** Ends it all. */
  readonly signal: AbortSignal;
};

/** At full speed one statement and one round of the bus for so many. */
const ROWS_MAX = 1_000;
const BYTES_MAX = 8 * 1_048_576;
const LOOK_MS_MIN = 5;
const LOOK_MS_MAX = 250;
const FAILED_MS_MAX = 2_000;
/** What was read longer ago is read again, for the fence: two relays publish the same row within the bus's window or not at all. */
const PUBLISH_WITHIN_MS = 10_000;
const ROTATE_MS = 30_000;
const HELD_MS = 1_000;
const HELD_AGAIN_MS = 10_000;
const LEASE_MS = 10_000;

/** Relays wherever and whenever this process holds the lease, until the signal. */
export function relayChanges(
  parts: RelayParts & LeaseParts,
  options: RelayOptions & { readonly holder: string; readonly leaseMs?: number },
): Promise<void> {
  const { holder, signal, leaseMs = LEASE_MS } = options;
  return underLease(parts, { name: "relay", holder, milliseconds: leaseMs, signal }, (lease, over) =>
    publishChanges(parts, lease, { ...options, signal: over }),
  );
}

/** Relays under the lease until the signal, or until a later holder has taken over. Faults of others are waited out. */
export async function publishChanges(parts: RelayParts, lease: Lease, options: RelayOptions): Promise<void> {
  const { wait, observe } = parts;
  const { signal } = options;
  const looks = pacedLooks(parts, signal);
  let relay: Relay | undefined;
  for (let pause = LOOK_MS_MIN; !signal.aborted; ) {
    try {
      relay ??= await startRelay(parts, lease.fence, options.rowsMax ?? ROWS_MAX);
      if (relay === undefined || (await step(parts, relay, looks, options)) === "over") {
        observe({ kind: "lease-lost", lease: lease.name, fence: lease.fence });
        return;
      }
      pause = LOOK_MS_MIN;
    } catch (error) {
      observe({ kind: "part-failed", part: "relay", error });
      // What was under way may have come through or not, and the bus may be another.
      relay?.watch.doubt();
      await wait.wait(pause * (0.5 + wait.random()), signal);
      pause = Math.min(pause * 2, FAILED_MS_MAX);
    }
  }
}

type Relay = {
  readonly fence: number;
  readonly rowsMax: number;
  position: number;
  barrier: TimedBarrier | undefined;
  readonly watch: BusWatch;
  /** What comes after a full batch, read while that is published. */
  ahead: Ahead | undefined;
  readonly subjectOf: ReturnType<typeof rememberedSubjects>;
  rotatedAt: number;
};

/** Since when it is waited for, and when that was last told. */
type TimedBarrier = Barrier & { readonly since: number; toldAt: number };

type Ahead = { readonly after: number; readonly readAt: number; readonly read: Promise<FeedRead | undefined> };

async function startRelay(
  { feed, bus, wait, observe }: RelayParts,
  fence: number,
  rowsMax: number,
): Promise<Relay | undefined> {
  const start = await feed.open(fence);
  if (start === undefined) return undefined;
  const watch = watchBus({ feed, bus, wait, observe }, start, rowsMax);
  return {
    fence,
    rowsMax,
    position: start.position,
    barrier: undefined,
    watch,
    ahead: undefined,
    subjectOf: rememberedSubjects(),
    rotatedAt: wait.now(),
  };
}

async function step(parts: RelayParts, relay: Relay, looks: Looks, { retentionMs }: RelayOptions) {
  const { feed, wait } = parts;
  relay.position = await relay.watch.resumeAt(relay.position);
  const { readAt, read: reading } = aheadOrNow(parts, relay, looks);
  const read = await reading;
  if (read === undefined) return "over";
  const positions = read.rows.map(({ position }) => position);
  const { count, needsBarrier } = settledRows(relay.position, positions, read.horizon, relay.barrier);
  if (needsBarrier) {
    const transaction = await feed.barrier();
    const since = wait.now();
    const toldAt = since + HELD_MS - HELD_AGAIN_MS;
    relay.barrier = { transaction, covers: positions.at(-1) as number, since, toldAt };
  }
  if (relay.barrier && count < positions.length) await tellWhoHolds(parts, relay.barrier);
  if (count > 0) {
    // Whoever slept so long may not know that another has taken over.
    if (wait.now() - readAt > PUBLISH_WITHIN_MS) return "again";
    if (count === relay.rowsMax) relay.ahead = readAfter(parts, relay, positions.at(-1) as number);
    if (!(await publish(parts, relay, read.rows.slice(0, count)))) return "over";
  }
  if (wait.now() - relay.rotatedAt > ROTATE_MS) {
    relay.rotatedAt = wait.now();
    await feed.rotate(retentionMs);
  }
  if (count < relay.rowsMax / 2) await looks.pause(count > 0 || needsBarrier);
  return "again";
}

/** What was read ahead, if the relay goes on from there and it is not too old. */
function aheadOrNow(parts: RelayParts, relay: Relay, looks: Looks): Ahead {
  const { ahead } = relay;
  relay.ahead = undefined;
  const isUsable = ahead?.after === relay.position && parts.wait.now() - ahead.readAt <= PUBLISH_WITHIN_MS;
  if (isUsable) return ahead;
  // A poke since an earlier read still counts.
  looks.begin();
  return readAfter(parts, relay, relay.position);
}

function readAfter({ feed, wait }: RelayParts, { fence, rowsMax }: Relay, after: number): Ahead {
  const readAt = wait.now();
  const read = feed.read({ fence, after, rowsMax, bytesMax: BYTES_MAX });
  // Whoever takes it up sees how it failed; it may be that nobody does.
  read.catch(() => {});
  return { after, readAt, read };
}

async function publish({ feed, bus, wait, observe }: RelayParts, relay: Relay, rows: readonly FeedRow[]) {
  const last = (rows.at(-1) as FeedRow).position;
  relay.watch.attempt(rows.length);
  const sequence = await bus.publish(
    rows.map((row) => ({ id: row.id, subject: relay.subjectOf(row), body: row.body })),
  );
  const state = relay.watch.published(sequence);
  if (!(await feed.store({ fence: relay.fence, position: last, bus: state }))) return false;
  relay.position = last;
  const oldest = (rows[0] as FeedRow).occurredAt;
  observe({ kind: "events-published", count: rows.length, lagMs: Math.max(0, wait.now() - oldest) });
  return true;
}

async function tellWhoHolds({ feed, wait, observe }: RelayParts, barrier: TimedBarrier): Promise<void> {
  const now = wait.now();
  if (now - barrier.toldAt < HELD_AGAIN_MS) return;
  barrier.toldAt = now;
  const writer = await feed.oldestWriter(barrier.transaction);
  // Who has ended since the rows were read holds nothing any more.
  if (writer === null) return;
  const { pid, since, query } = writer;
  observe({ kind: "relay-held", ageMs: now - barrier.since, pid, since, query });
}

type Looks = { begin(): void; pause(found: boolean): Promise<void> };

/** Soon again after something was found, ever later when not; a poke ends the pause, several at once end one. */
function pacedLooks({ feed, wait }: RelayParts, signal: AbortSignal): Looks {
  let poked = false;
  let wake = () => {};
  feed.listen(() => {
    poked = true;
    wake();
  }, signal);
  let pause = LOOK_MS_MIN;
  return {
    begin: () => {
      poked = false;
    },
    pause: async (found) => {
      pause = found ? LOOK_MS_MIN : Math.min(pause * 2, LOOK_MS_MAX);
      if (poked) return;
      const nap = new AbortController();
      wake = () => nap.abort();
      signal.addEventListener("abort", wake, { once: true });
      await wait.wait(pause, nap.signal);
      signal.removeEventListener("abort", wake);
    },
  };
}
