/** Every adapter keeps the promises of its port, on every runtime it is for. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { ADAPTERS } from "./adapters.ts";

const ROOT = join(import.meta.dir, "..", "..");

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
    const deno = join(ROOT, "node_modules", ".bin", "deno");
    const probe = join(import.meta.dir, "deno-probe.ts");
    const child = Bun.spawn([deno, "run", "--quiet", "--allow-net", "--allow-read", probe, home.url], {
      cwd: ROOT,
      stdout: "pipe",
      stderr: "pipe",
    });
    const [printed, complaint] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    expect([complaint, await child.exited]).toEqual(["", 0]);
    outcomes = JSON.parse(printed);
  }, 60_000);

  for (const { port, name, promises } of ADAPTERS.filter(({ runtimes }) => runtimes.includes("Deno"))) {
    describe(`${port}: ${name}`, () => {
      for (const promise of promises) test(promise, () => expect(outcomes[`${port} ${name} ${promise}`]).toBe(""));
    });
  }
});
