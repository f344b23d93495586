import { seeded as chance } from "../support/seeded.ts";

/** Whole numbers below `n`, from a seed. */
export function seeded(seed: number): (n: number) => number {
  const random = chance(seed);
  return (n) => Math.floor(random() * n);
}
