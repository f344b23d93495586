/** A database as the relay knows it: transactions with ids, positions drawn in one order and seen in another, a fence. */
import type { FeedRow, FeedStart } from "../../../src/ports/change-feed.ts";
import type { BusState } from "../../../src/ports/event-bus.ts";
import type { Lease } from "../../../src/ports/leases.ts";
import type { SimulatedTime } from "./simulated-time.ts";

const EPOCH = "e";

export type Committed = { readonly position: number; readonly row: number };

export class SimulatedDatabase {
  readonly time: SimulatedTime;
  readonly #open = new Set<bigint>();
  readonly #locks = new Map<number, Promise<void>>();
  #nextId = 100n;
  #position = 0;
  #newestEnded = 99n;
  committed: Committed[] = [];
  #relay = { fence: 0, position: 0, bus: null as BusState | null };
  #marks: { position: number; bus: BusState }[] = [];
  #lease: { holder: string; fence: number; until: number } | undefined;

  constructor(time: SimulatedTime) {
    this.time = time;
  }

  /** One transaction that writes so many of five rows; it may take long, and may be rolled back. */
  async write(): Promise<void> {
    const { random } = this.time;
    const pause = async (most: number) => {
      if (random() < 0.5) await this.time.wait(random() * most);
    };
    const rows = [0, 1, 2, 3, 4].filter(() => random() < 0.3);
    if (rows.length === 0) return;
    const id = this.#nextId++;
    this.#open.add(id);
    const written: Committed[] = [];
    const unlocks: (() => void)[] = [];
    for (const row of rows) {
      await pause(10);
      for (let held = this.#locks.get(row); held; held = this.#locks.get(row)) await held;
      this.#locks.set(row, new Promise((resolve) => unlocks.push(resolve)));
      await pause(5);
      written.push({ position: ++this.#position, row });
    }
    await pause(random() < 0.1 ? 400 : 15);
    if (random() < 0.85) this.committed = [...this.committed, ...written].toSorted((a, b) => a.position - b.position);
    this.#open.delete(id);
    if (id > this.#newestEnded) this.#newestEnded = id;
    for (const row of rows) this.#locks.delete(row);
    for (const unlock of unlocks) unlock();
  }

  get relayPosition(): number {
    return this.#relay.position;
  }

  takeOver(fence: number): FeedStart | undefined {
    if (fence < this.#relay.fence) return undefined;
    this.#relay.fence = fence;
    const { position, bus } = this.#relay;
    return { position, bus, unmarked: position - (this.#marks.at(-1)?.position ?? 0) };
  }

  read(fence: number, after: number, rowsMax: number): { horizon: bigint; upper: bigint; rows: FeedRow[] } | undefined {
    if (fence !== this.#relay.fence) return undefined;
    let horizon = this.#nextId;
    for (const id of this.#open) if (id < horizon) horizon = id;
    const rows = this.committed.filter(({ position }) => position > after).slice(0, rowsMax);
    return { horizon, upper: this.#newestEnded + 1n, rows: rows.map(asRow) };
  }

  newTransaction(): bigint {
    const id = this.#nextId++;
    this.#newestEnded = id;
    return id;
  }

  store(fence: number, position: number, bus: BusState): boolean {
    if (fence !== this.#relay.fence) return false;
    this.#relay = { fence, position, bus };
    return true;
  }

  mark(position: number, bus: BusState): void {
    const there = this.#marks.find((mark) => mark.position === position);
    if (there?.bus.incarnation === bus.incarnation) return;
    this.#marks = [...this.#marks.filter((mark) => mark !== there), { position, bus }].toSorted(
      (a, b) => a.position - b.position,
    );
  }

  resumeAt(bus: BusState): number {
    this.#marks = this.#marks.slice(
      0,
      this.#marks.findLastIndex(
        (mark) => mark.bus.incarnation === bus.incarnation && mark.bus.lastSequence <= bus.lastSequence,
      ) + 1,
    );
    return this.#marks.at(-1)?.position ?? 0;
  }

  takeLease(holder: string, milliseconds: number): Lease | undefined {
    const now = this.time.now();
    const held = this.#lease;
    if (held && held.until > now && held.holder !== holder) return undefined;
    const fence = held === undefined ? 1 : held.fence + (held.holder === holder && held.until > now ? 0 : 1);
    this.#lease = { holder, fence, until: now + milliseconds };
    return { name: "relay", holder, fence };
  }

  renewLease({ holder, fence }: Lease, milliseconds: number): boolean {
    const held = this.#lease;
    const now = this.time.now();
    if (held?.holder !== holder || held.fence !== fence || held.until <= now) return false;
    held.until = now + milliseconds;
    return true;
  }

  releaseLease({ holder, fence }: Lease): void {
    if (this.#lease?.holder === holder && this.#lease.fence === fence) this.#lease.until = 0;
  }
}

/** The row's number stands in the place of the org: the check wants to know which row an event is of. */
function asRow({ position, row }: Committed): FeedRow {
  const id = `${EPOCH}:${position}`;
  return { position, id, org: String(row), table: "t", operation: "update", body: id, occurredAt: 0 };
}
