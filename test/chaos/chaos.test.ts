/** The short form of `bun run chaos`, row by row. `.ci/run` asks for it. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { NATS_MISSING } from "../support/nats-server.ts";
import { REDIS_MISSING } from "../support/redis-server.ts";
import { EVENTS, JOBS } from "./rows.ts";

const CHAOS = join(import.meta.dir, "chaos.ts");
const isAsked = process.env["FRAISEQL_TEST_CHAOS"] === "1" && NATS_MISSING === undefined && REDIS_MISSING === undefined;

const holds = async (row: string) => {
  const child = Bun.spawn([process.execPath, CHAOS, "--quick", "--row", row], { stdout: "pipe" });
  const printed = await new Response(child.stdout).text();
  expect(printed.match(/^bar .* ok$/gm)).toHaveLength(4);
  expect(await child.exited).toBe(0);
};

test("a row that nobody knows is an error, not a run in which nothing was lost", async () => {
  const child = Bun.spawn([process.execPath, CHAOS, "--row", "16b"], { stderr: "pipe", stdout: "pipe" });
  expect(await new Response(child.stderr).text()).toStartWith("There is no row 16b: 1 relay-killed, ");
  expect([await new Response(child.stdout).text(), await child.exited]).toEqual(["", 2]);
});

describe.skipIf(!isAsked)("chaos", () => {
  for (const { name } of EVENTS) test(`${name}: nothing is lost, no order turned around`, () => holds(name), 45_000);
  for (const { name } of JOBS) {
    test(`${name}: nothing is lost, nothing done twice that was not under way`, () => holds(name), 60_000);
  }
});
