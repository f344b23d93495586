/** A log that may lose its end, or all of itself, and whose answers may be lost. */
import { FraiseqlError } from "../../../src/core/errors.ts";
import type { BusMessage, BusState } from "../../../src/ports/event-bus.ts";
import type { SimulatedTime } from "./simulated-time.ts";

const WINDOW_MS = 120_000;

type Entry = { readonly id: string; readonly body: string; readonly at: number };

export class SimulatedBus {
  readonly #time: SimulatedTime;
  log: Entry[] = [];
  #incarnation = 1;
  /** Changes when connections are cut: what was under way on one of them does not arrive. */
  #cuts = 0;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  state(): BusState {
    return { incarnation: String(this.#incarnation), lastSequence: this.log.length };
  }

  /** A client's connection: after it was cut it refuses to publish until it was asked for the state. */
  connect(chanceOfFault: () => number) {
    let seenCuts = this.#cuts;
    let arriving = Promise.resolve();
    const { random } = this.#time;
    const refused = () => new FraiseqlError("BUS_UNAVAILABLE", "The simulated bus did not answer.");
    return {
      publish: async (messages: readonly BusMessage[]): Promise<number> => {
        const cuts = this.#cuts;
        if (seenCuts !== cuts || random() < chanceOfFault()) throw refused();
        const earlier = arriving;
        const isUnknown = random() < chanceOfFault();
        const arrive = async () => {
          await earlier;
          for (const message of messages) {
            if (random() < 0.05) await this.#time.wait(random() * (isUnknown ? 200 : 5));
            if (this.#cuts !== cuts) return;
            largest = Math.max(largest, this.#append(message));
          }
        };
        let largest = 0;
        arriving = arrive();
        if (isUnknown) throw refused();
        await arriving;
        if (this.#cuts !== cuts) throw refused();
        return largest;
      },
      state: async (): Promise<BusState> => {
        if (random() < chanceOfFault()) throw refused();
        seenCuts = this.#cuts;
        return this.state();
      },
    };
  }

  loseEnd(count: number): void {
    this.#cuts += 1;
    this.log = this.log.slice(0, Math.max(0, this.log.length - count));
  }

  loseAll(): void {
    this.#cuts += 1;
    this.#incarnation += 1;
    this.log = [];
  }

  #append({ id, body }: BusMessage): number {
    const at = this.#time.now();
    const there = this.log.findLastIndex((entry) => entry.id === id && at - entry.at < WINDOW_MS);
    return there >= 0 ? there + 1 : this.log.push({ id, body, at });
  }
}
