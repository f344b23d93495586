import type { Outcome } from "./outcome.ts";

/** A line of the reliability table. */
export type ChaosRow = {
  /** Its number in the reliability table. */
  readonly number: string;
  /** For `bar` lines. */
  readonly name: string;
  readonly load: string;
  fault(isQuick: boolean): string;
  /** How often what has to happen, at least. */
  happens(isQuick: boolean): Readonly<Record<string, number>>;
  run(options: { readonly seed: number; readonly isQuick: boolean }): Promise<Outcome>;
};
