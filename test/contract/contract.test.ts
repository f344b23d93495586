/** Every adapter keeps the promises of its port, on every runtime it is for. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { denoRun, printedBy } from "../support/probe.ts";
import { ADAPTERS } from "./adapters.ts";

let home: TestDatabase;
beforeAll(async () => {
  home = await testDatabase("contract");
});
afterAll(() => home.drop());

for (const { port, name, promises, keep } of ADAPTERS) {
  describe(`${port}: ${name}`, () => {
    for (const promise of promises) test(promise, () => keep(promise, home.url), 30_000);
  });
}

describe("on Deno", () => {
  let outcomes: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const probe = join(import.meta.dir, "deno-probe.ts");
    outcomes = JSON.parse(await printedBy([...denoRun("--allow-net", "--allow-read"), probe, home.url]));
  }, 60_000);

  for (const { port, name, promises } of ADAPTERS.filter(({ runtimes }) => runtimes.includes("Deno"))) {
    describe(`${port}: ${name}`, () => {
      for (const promise of promises) test(promise, () => expect(outcomes[`${port} ${name} ${promise}`]).toBe(""));
    });
  }
});
