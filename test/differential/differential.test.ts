/**
 * Our answers against plain graphql-js with simple resolvers, over thousands of generated operations. `FRAISEQL_RUNS` sets
 * the number of documents (each makes one to four requests), `FRAISEQL_SEED` repeats a run whose seed was printed.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import type { Model } from "../../src/core/schema/model.ts";
import { runSql, type TestDatabase, testDatabase } from "../support/postgres.ts";
import { type SampleName, sampleAvailable, sampleDatabase } from "../support/samples.ts";
import { compareOperation, type Sides } from "./comparison.ts";
import { extendGarage, GARAGE_CALLS } from "./garage.ts";
import { choicesFrom } from "./generator/choices.ts";
import { generateOperation } from "./generator/operation.ts";
import { openSides } from "./sides.ts";

const RUNS = Number(process.env["FRAISEQL_RUNS"] ?? 1_300);
const SEED = process.env["FRAISEQL_SEED"];
const MINUTES_10 = 600_000;

/** The oracle holds every row and looks at all of them: fewer rows, more operations. */
const THINNED: Readonly<Record<SampleName, string>> = {
  world: "DELETE FROM tb_city WHERE pk_city % 50 <> 0",
  sakila: "DELETE FROM payment WHERE rental_id % 8 <> 0; DELETE FROM rental WHERE rental_id % 8 <> 0",
  chinook: "DELETE FROM playlist_track WHERE track_id % 8 <> 0",
};

/** A list of numbers is a document; no bias, so that small numbers are not more frequent than the generator wants. */
const decisions = fc.noBias(fc.array(fc.nat(1_000_000), { maxLength: 300, size: "max" }));

type Extended = { readonly extend?: (model: Model) => Model; readonly calls?: ReadonlySet<string> };

async function compareMany(
  database: TestDatabase,
  share: number,
  { extend, calls }: Extended = {},
): Promise<Sides["tally"]> {
  const sides = await openSides(database.url, extend);
  try {
    const numRuns = Math.ceil(RUNS * share);
    await fc.assert(
      fc.asyncProperty(decisions, async (numbers) => {
        await compareOperation(
          sides,
          generateOperation(sides.operations.schema, sides.store, choicesFrom(numbers), calls),
        );
      }),
      { numRuns, ...(SEED !== undefined && { seed: Number(SEED) }) },
    );
    const { requests, answered, failedAlike, partialAlike, timedOut } = sides.tally;
    console.log(
      `${requests} requests: ${answered} answers alike, ${partialAlike} partial ones, ${failedAlike} errors alike, ${timedOut} too slow to compare`,
    );
    expect(requests).toBeGreaterThanOrEqual(numRuns);
    expect(answered + partialAlike).toBeGreaterThan(requests * 0.8);
    expect(timedOut).toBeLessThanOrEqual(requests * 0.03);
    return sides.tally;
  } finally {
    await sides.close();
  }
}

describe("generated operations answer as plain graphql-js over the same rows does", () => {
  const made: TestDatabase[] = [];
  afterAll(() => Promise.all(made.map((database) => database.drop())));

  test(
    "with every type of column",
    async () => {
      const database = await testDatabase("every_type", await Bun.file(join(import.meta.dir, "every-type.sql")).text());
      made.push(database);
      await compareMany(database, 0.55);
    },
    MINUTES_10,
  );

  test(
    "with functions, computed fields, rows of several types, and nulls where there must be none",
    async () => {
      const database = await testDatabase("garage", await Bun.file(join(import.meta.dir, "garage.sql")).text());
      made.push(database);
      const { partialAlike, requests } = await compareMany(database, 0.5, {
        extend: extendGarage,
        calls: GARAGE_CALLS,
      });
      expect(partialAlike).toBeGreaterThan(requests * 0.03);
    },
    MINUTES_10,
  );

  for (const name of ["world", "sakila", "chinook"] as const) {
    test.skipIf(!sampleAvailable(name))(
      `on ${name}`,
      async () => {
        const database = await sampleDatabase(name);
        made.push(database);
        await runSql(database.url, `${THINNED[name]}; ANALYZE`);
        await compareMany(database, 0.15);
      },
      MINUTES_10,
    );
  }
});
