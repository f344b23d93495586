import { expect, test } from "bun:test";
import fc from "fast-check";
import { compareOperation } from "../differential/comparison.ts";
import { choicesFrom } from "../differential/generator/choices.ts";
import { generateOperation } from "../differential/generator/operation.ts";
import { openSides } from "../differential/sides.ts";
import { testDatabase } from "../support/postgres.ts";
import { hostileDatabase, hostileSql } from "./hostile-database.ts";

const RUNS = Math.ceil(Number(process.env["FRAISEQL_RUNS"] ?? 300) / 60);
const DOCUMENTS = 60;

test("a database of hostile names and values is introspected and answers as plain graphql-js does", async () => {
  const documents = fc.array(fc.noBias(fc.array(fc.nat(1_000_000), { maxLength: 200, size: "max" })), {
    minLength: DOCUMENTS,
    maxLength: DOCUMENTS,
  });
  await fc.assert(
    fc.asyncProperty(hostileDatabase, documents, async (hostile, numbers) => {
      const made = await testDatabase("hostile", hostileSql(hostile));
      const sides = await openSides(made.url);
      try {
        // Tables and the view are all there, whatever they are called.
        expect(sides.store.model.objects.filter(({ source }) => source.kind !== "value")).toHaveLength(5);
        for (const each of numbers) {
          await compareOperation(sides, generateOperation(sides.operations.schema, sides.store, choicesFrom(each)));
        }
      } finally {
        await sides.close();
        await made.drop();
      }
    }),
    // Each step of shrinking would make a database of its own.
    { numRuns: RUNS, endOnFailure: true },
  );
}, 300_000);
