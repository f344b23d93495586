import type { DataSet } from "./data-set.ts";
import { SAKILA } from "./sakila.ts";
import { WORLD } from "./world.ts";

export const DATA_SETS: Readonly<Record<DataSet["name"], DataSet>> = { sakila: SAKILA, world: WORLD };

/** @throws Error that lists the names when there is no such data set. */
export function dataSet(name: string): DataSet {
  const found = Object.values(DATA_SETS).find((each) => each.name === name);
  if (!found) throw new Error(`No data set "${name}"; there are ${Object.keys(DATA_SETS).join(" and ")}.`);
  return found;
}
