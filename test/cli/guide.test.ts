/** What docs/guides/schema.md says can be changed, changed. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sampleAvailable, sampleDatabase } from "../support/samples.ts";
import { workplace } from "./command-line.ts";

const GUIDE = readFileSync(join(import.meta.dir, "..", "..", "docs", "guides", "schema.md"), "utf8");
const [, CHANGES = ""] = /^```ts\n(import .*?)^```\n/ms.exec(GUIDE) ?? [];

test.skipIf(!sampleAvailable("sakila"))(
  "the guide's changes compile over Sakila, and fit it",
  async () => {
    const database = await sampleDatabase("sakila");
    const at = await workplace(database.url);
    try {
      const { out } = await at.run("introspect", "--out", "schema.ts");
      expect(GUIDE).toContain(`\n${out.slice(0, out.indexOf("Next:"))}`);
      await at.write("schema.ts", CHANGES);
      expect(await at.run("compile", "schema.ts")).toMatchObject({ code: 0, err: "" });
      expect(await at.run("check")).toMatchObject({ code: 0 });
      const { sdl } = JSON.parse(await at.read("schema.compiled.json"));
      expect(sdl).toContain("pricePerDay: Decimal!");
      expect(sdl).not.toContain("type Staff ");
    } finally {
      await at.remove();
      await database.drop();
    }
  },
  60_000,
);
