/**
 * A database as the relay knows it: transactions with ids, positions drawn in one order and seen in another, a fence. It may
 * become another one, which has not all of its past and gives positions anew.
 */
import type { FeedRow, FeedStart } from "../../../src/ports/change-feed.ts";
import type { BusState } from "../../../src/ports/event-bus.ts";
import type { Lease } from "../../../src/ports/leases.ts";
import type { SimulatedTime } from "./simulated-time.ts";

export type Committed = {
  readonly position: number;
  readonly row: number;
  /** Unlike that of any other change, also of one that got the same position elsewhere. */
  readonly change: number;
  readonly transaction: bigint;
};

type Epoch = { readonly name: string; readonly firstPosition: number; readonly place: number };

/** All that a copy has. */
type Contents = {
  readonly position: number;
  readonly committed: readonly Committed[];
  readonly relay: {
    readonly fence: number;
    readonly position: number;
    readonly bus: BusState | null;
    readonly transaction: bigint;
  };
  readonly marks: readonly { readonly position: number; readonly bus: BusState }[];
  readonly epochs: readonly Epoch[];
};

export class SimulatedDatabase {
  readonly time: SimulatedTime;
  readonly #open = new Set<bigint>();
  readonly #locks = new Map<number, Promise<void>>();
  #nextId = 100n;
  #newestEnded = 99n;
  #changes = 0;
  #place = 1;
  #lease: { holder: string; fence: number; until: number } | undefined;
  #now: Contents = {
    position: 0,
    committed: [],
    relay: { fence: 0, position: 0, bus: null, transaction: 1n },
    marks: [],
    epochs: [{ name: "e1", firstPosition: 1, place: 1 }],
  };
  readonly #past: Contents[] = [];

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
    const place = this.#place;
    this.#open.add(id);
    const written: Committed[] = [];
    const unlocks: (() => void)[] = [];
    for (const row of rows) {
      await pause(10);
      for (let held = this.#locks.get(row); held; held = this.#locks.get(row)) await held;
      this.#locks.set(row, new Promise((resolve) => unlocks.push(resolve)));
      await pause(5);
      if (place === this.#place) {
        this.#become({ position: this.#now.position + 1 });
        this.#changes += 1;
        written.push({ position: this.#now.position, row, change: this.#changes, transaction: id });
      }
    }
    await pause(random() < 0.1 ? 400 : 15);
    if (place === this.#place && random() < 0.85) {
      this.#become({ committed: [...this.committed, ...written].toSorted((a, b) => a.position - b.position) });
    }
    this.#open.delete(id);
    if (id > this.#newestEnded) this.#newestEnded = id;
    for (const row of rows) this.#locks.delete(row);
    for (const unlock of unlocks) unlock();
  }

  /** From now on it is one that has not the newest of what happened here: a standby, or a dump. What is open is broken off. */
  becomeAnother(stepsBack: number): void {
    this.#now = this.#past.at(-1 - stepsBack) ?? this.#past[0] ?? this.#now;
    this.#place += 1;
    this.#open.clear();
  }

  get committed(): readonly Committed[] {
    return this.#now.committed;
  }

  get relayPosition(): number {
    return this.#now.relay.position;
  }

  takeOver(fence: number): FeedStart | undefined {
    if (fence < this.#now.relay.fence) return undefined;
    if (!this.#isHere()) this.#beginEpoch();
    const { relay, marks } = this.#now;
    this.#become({ relay: { ...relay, fence, transaction: this.#nextId++ } });
    return { position: relay.position, bus: relay.bus, unmarked: relay.position - (marks.at(-1)?.position ?? 0) };
  }

  read(fence: number, after: number, rowsMax: number): { horizon: bigint; upper: bigint; rows: FeedRow[] } | undefined {
    if (fence !== this.#now.relay.fence || !this.#isHere()) return undefined;
    let horizon = this.#nextId;
    for (const id of this.#open) if (id < horizon) horizon = id;
    const rows = this.committed.filter(({ position }) => position > after).slice(0, rowsMax);
    return { horizon, upper: this.#newestEnded + 1n, rows: rows.map((row) => this.#rowOf(row)) };
  }

  newTransaction(): bigint {
    const id = this.#nextId++;
    this.#newestEnded = id;
    return id;
  }

  store(fence: number, position: number, bus: BusState): boolean {
    if (fence !== this.#now.relay.fence || !this.#isHere()) return false;
    this.#become({ relay: { fence, position, bus, transaction: this.#nextId++ } });
    return true;
  }

  mark(position: number, bus: BusState): void {
    const { marks } = this.#now;
    const there = marks.find((mark) => mark.position === position);
    if (there?.bus.incarnation === bus.incarnation) return;
    const others = marks.filter((mark) => mark !== there);
    this.#become({ marks: [...others, { position, bus }].toSorted((a, b) => a.position - b.position) });
  }

  resumeAt(bus: BusState): number {
    const { marks } = this.#now;
    const isSure = (mark: (typeof marks)[number]) =>
      mark.bus.incarnation === bus.incarnation && mark.bus.lastSequence <= bus.lastSequence;
    this.#become({ marks: marks.slice(0, marks.findLastIndex(isSure) + 1) });
    return this.#now.marks.at(-1)?.position ?? 0;
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

  #become(change: Partial<Contents>): void {
    this.#past.push(this.#now);
    this.#now = { ...this.#now, ...change };
  }

  #isHere(): boolean {
    return this.#now.epochs.at(-1)?.place === this.#place;
  }

  #beginEpoch(): void {
    const { relay, committed, epochs, marks } = this.#now;
    const isOlder = ({ transaction }: Committed) => transaction <= relay.transaction;
    const firstPosition = Math.max(
      epochs.at(-1)?.firstPosition ?? 1,
      relay.position + 1,
      (committed.findLast(isOlder)?.position ?? 0) + 1,
    );
    this.#become({
      epochs: [
        ...epochs.filter((epoch) => epoch.firstPosition !== firstPosition),
        { name: `e${this.#place}`, firstPosition, place: this.#place },
      ],
      marks: marks.filter(({ position }) => position < firstPosition),
    });
  }

  /** The row's number stands in the place of the org: the check wants to know which row an event is of. */
  #rowOf({ position, row, change }: Committed): FeedRow {
    const epoch = this.#now.epochs.findLast(({ firstPosition }) => firstPosition <= position)?.name;
    const id = `${epoch}:${position}`;
    return { position, id, org: String(row), table: "t", operation: "update", body: String(change), occurredAt: 0 };
  }
}
