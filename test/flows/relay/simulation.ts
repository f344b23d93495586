/** One history of writers, two relays and a bus, all of it from one seed. */

import type { Observation } from "../../../src/core/observation.ts";
import { relayChanges } from "../../../src/flows/events/publish-changes.ts";
import type { ChangeFeed } from "../../../src/ports/change-feed.ts";
import type { EventBus } from "../../../src/ports/event-bus.ts";
import type { Leases } from "../../../src/ports/leases.ts";
import { seeded } from "../../support/seeded.ts";
import { SimulatedBus } from "./simulated-bus.ts";
import { SimulatedDatabase } from "./simulated-database.ts";
import { SimulatedTime } from "./simulated-time.ts";

export type History = {
  readonly committed: number;
  /** Positions. */
  readonly lost: readonly string[];
  /** Pairs of positions of one row of which the later is earlier on the bus. */
  readonly inverted: readonly string[];
  /** More than once on the bus. */
  readonly doubled: readonly string[];
  readonly lostByBus: boolean;
  /** The database became one that had not all of its past. */
  readonly moved: boolean;
  readonly seen: ReadonlySet<string>;
};

export type SimulationOptions = {
  /** How the feed makes a barrier; the simulation is to find out a wrong one. */
  readonly barrierOf?: (database: SimulatedDatabase, upper: bigint) => bigint;
};

const FAULTS_MS = 280;
const LEASE_MS = 150;
const PATIENCE_MS = 400_000;

export async function simulate(seed: number, { barrierOf }: SimulationOptions = {}): Promise<History> {
  const random = seeded(seed);
  const time = new SimulatedTime(random);
  const database = new SimulatedDatabase(time);
  const bus = new SimulatedBus(time);
  const over = new AbortController();
  const seen = new Set<string>();
  let faults = random() < 0.2 ? 0 : random() * 0.1;
  // Half of them with batches so small that the next is often read while one is published.
  const rowsMax = random() < 0.5 ? 1_000 : 2 + Math.floor(random() * 4);
  let machines = 0;
  let lostByBus = false;
  let moved = false;

  const startMachine = () => {
    const machine = new Machine(time);
    const connection = bus.connect(() => faults);
    const parts = {
      feed: feedOf(machine, database, () => faults, barrierOf),
      bus: {
        publish: (m) => machine.call(() => connection.publish(m)),
        state: () => machine.call(connection.state),
      } as EventBus,
      leases: leasesOf(machine, database, () => faults),
      wait: {
        now: () => time.now(),
        random,
        wait: (milliseconds: number, signal?: AbortSignal) => machine.call(() => time.wait(milliseconds, signal)),
      },
      observe: ({ kind }: Observation) => void seen.add(kind),
    };
    machines += 1;
    relayChanges(parts, { holder: `m${machines}`, leaseMs: LEASE_MS, retentionMs: 1e9, rowsMax, signal: over.signal });
    return machine;
  };
  const running = [startMachine(), startMachine()];

  const writers = Array.from({ length: 2 + Math.floor(random() * 3) }, async () => {
    while (time.now() < FAULTS_MS) {
      await time.wait(random() * 60);
      await database.write();
    }
  });
  const accidents = async () => {
    while (time.now() < FAULTS_MS) {
      await time.wait(random() * 300);
      const which = random();
      const index = random() < 0.5 ? 0 : 1;
      const machine = running[index] as Machine;
      if (which < 0.3) {
        seen.add("crash");
        machine.crash();
        await time.wait(random() * 200);
        running[index] = startMachine();
      } else if (which < 0.5) {
        seen.add("freeze");
        // The bus's window passes, and the other relay lives: where none does, what is in doubt is published after it again.
        machine.freeze(index === 0 && random() < 0.8 ? 200_000 : random() * 400);
      } else if (which < 0.6 && seed % 2 === 1) {
        lostByBus = true;
        seen.add("end lost");
        bus.loseEnd(1 + Math.floor(random() * 8));
      } else if (which < 0.65 && seed % 2 === 1) {
        lostByBus = true;
        seen.add("all lost");
        bus.loseAll();
      } else if (which >= 0.65 && which < 0.85 && seed % 4 === 0) {
        moved = true;
        seen.add("moved");
        database.becomeAnother(Math.floor(random() * 30));
      }
    }
    faults = 0;
  };
  const ended = Promise.all([...writers, accidents()]);
  let quiet = false;
  ended.then(() => {
    quiet = true;
  });
  const isDone = () => quiet && database.relayPosition === (database.committed.at(-1)?.position ?? 0);
  await time.runUntil(PATIENCE_MS, isDone);
  // Looks at the bus come every five seconds when nothing is to be published.
  if (lostByBus) await time.runUntil(time.now() + 12_000);
  await time.runUntil(PATIENCE_MS * 2, isDone);
  // Who stood still all that time wakes up at last, with what it had in its hands.
  running[1]?.crash();
  await time.runUntil((running[0]?.awakeAt ?? 0) + 50);
  over.abort();
  const verdict = verdictOf(database, bus);
  // What sleeps has the signal, and ends.
  await time.runUntil(time.now());
  return { ...verdict, lostByBus, moved, seen };
}

function verdictOf(database: SimulatedDatabase, bus: SimulatedBus) {
  const rows = new Map(database.committed.map(({ change, position, row }) => [String(change), { position, row }]));
  const onBus = new Set<string>();
  const newest = new Map<number, number>();
  const inverted: string[] = [];
  const doubled: string[] = [];
  for (const { body: change } of bus.log) {
    const { position, row } = rows.get(change) ?? { position: 0, row: -1 };
    if (onBus.has(change)) doubled.push(String(position));
    else {
      const before = newest.get(row) ?? 0;
      if (before > position) inverted.push(`${before} before ${position}`);
      newest.set(row, Math.max(before, position));
    }
    onBus.add(change);
  }
  const lost = [...rows].filter(([change]) => !onBus.has(change)).map(([, { position }]) => String(position));
  return { committed: rows.size, lost, inverted, doubled };
}

/** Where a relay runs: it may stop for ever, or for a time; what it had begun elsewhere goes on. */
class Machine {
  readonly #time: SimulatedTime;
  #isDead = false;
  #freezeMs = 0;
  #frozenUntil = 0;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  get awakeAt(): number {
    return this.#frozenUntil;
  }

  crash(): void {
    this.#isDead = true;
  }

  /** All of it stands still, with the next answer of the database in its hands. */
  freeze(milliseconds: number): void {
    this.#freezeMs = milliseconds;
  }

  async call<T>(step: () => Promise<T> | T, isAnswer = false): Promise<T> {
    try {
      return await step();
    } finally {
      const now = this.#time.now();
      if (isAnswer && this.#freezeMs > 0) {
        this.#frozenUntil = now + this.#freezeMs;
        this.#freezeMs = 0;
      }
      if (this.#frozenUntil > now) await this.#time.wait(this.#frozenUntil - now);
      if (this.#isDead) await new Promise(() => {});
    }
  }
}

/** A call to the database: it takes some time, and may fail before or after it was done. */
function asking(machine: Machine, time: SimulatedTime, chanceOfFault: () => number) {
  return <T>(step: () => T) =>
    machine.call(async () => {
      if (time.random() < 0.2) await time.wait(time.random() * 6);
      if (time.random() < chanceOfFault() / 2) throw new Error("not asked");
      const answer = step();
      if (time.random() < 0.2) await time.wait(time.random() * 6);
      if (time.random() < chanceOfFault() / 2) throw new Error("the answer was lost");
      return answer;
    }, true);
}

function feedOf(
  machine: Machine,
  database: SimulatedDatabase,
  chanceOfFault: () => number,
  barrierOf: SimulationOptions["barrierOf"],
): ChangeFeed {
  const ask = asking(machine, database.time, chanceOfFault);
  let upper = 0n;
  return {
    open: (fence) => ask(() => database.takeOver(fence)),
    read: ({ fence, after, rowsMax }) =>
      ask(() => {
        const read = database.read(fence, after, rowsMax);
        upper = read?.upper ?? 0n;
        return read;
      }),
    barrier: () => ask(() => (barrierOf ? barrierOf(database, upper) : database.newTransaction())),
    store: ({ fence, position, bus }) => ask(() => database.store(fence, position, bus)),
    mark: (position, bus) => ask(() => database.mark(position, bus)),
    resumeAt: (bus) => ask(() => database.resumeAt(bus)),
    oldestWriter: () => ask(() => null),
    listen: () => {},
    rotate: async () => {},
  };
}

function leasesOf(machine: Machine, database: SimulatedDatabase, chanceOfFault: () => number): Leases {
  const ask = asking(machine, database.time, chanceOfFault);
  return {
    take: (_, holder, milliseconds) => ask(() => database.takeLease(holder, milliseconds)),
    renew: (lease, milliseconds) => ask(() => database.renewLease(lease, milliseconds)),
    release: (lease) => ask(() => database.releaseLease(lease)),
    count: async () => 1,
  };
}
