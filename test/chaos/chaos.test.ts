/** The short form of `bun run chaos:events`: two of its rows, each in a few seconds. `.ci/run` asks for it. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { NATS_MISSING } from "../support/nats-server.ts";

const isAsked = process.env["FRAISEQL_TEST_CHAOS"] === "1" && NATS_MISSING === undefined;

for (const row of ["relay-killed", "nats-rolled-back"]) {
  test.skipIf(!isAsked)(
    `${row}: nothing is lost, no order turned around`,
    async () => {
      const chaos = [process.execPath, join(import.meta.dir, "chaos.ts"), "--quick", "--row", row];
      const child = Bun.spawn(chaos, { stdout: "pipe" });
      const printed = await new Response(child.stdout).text();
      expect(printed.match(/^bar .* ok$/gm)).toHaveLength(4);
      expect(await child.exited).toBe(0);
    },
    45_000,
  );
}
