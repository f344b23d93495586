/** Databases nobody prepared for this: introspected, type-checked, compiled and checked as they are. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { type SampleName, sampleAvailable, sampleDatabase } from "../support/samples.ts";
import { workplace } from "./command-line.ts";

const ROOT = join(import.meta.dir, "..", "..");
const OBJECTS = { world: "Country", sakila: "Film", chinook: "Track" } as const satisfies Record<SampleName, string>;

for (const name of ["world", "sakila", "chinook"] as const) {
  test.skipIf(!sampleAvailable(name))(
    `${name} becomes a schema that the compiler accepts, and an artifact that fits`,
    async () => {
      const database = await sampleDatabase(name);
      const at = await workplace(database.url);
      try {
        expect(await at.run("introspect", "--out", "schema.ts")).toMatchObject({ code: 0 });
        const options = { extends: join(ROOT, "tsconfig.json"), include: ["*.ts"] };
        await at.write("tsconfig.json", JSON.stringify({ ...options, compilerOptions: { types: [] } }));
        const types = Bun.spawnSync([
          process.execPath,
          join(ROOT, "node_modules", "typescript", "bin", "tsc"),
          "-p",
          at.folder,
        ]);
        expect(types.stdout.toString()).toBe("");
        const formatted = Bun.spawnSync(
          [
            join(ROOT, "node_modules", ".bin", "biome"),
            "format",
            `--config-path=${ROOT}`,
            "schema.ts",
            "schema.generated.ts",
            "schema.catalog.ts",
          ],
          { cwd: at.folder },
        );
        expect([formatted.exitCode, formatted.stdout.toString()]).toMatchObject([0, expect.any(String)]);
        expect(await at.run("compile", "schema.ts", "--out", "schema.compiled.json")).toMatchObject({
          code: 0,
          err: "",
        });
        expect(await at.run("check", "schema.compiled.json")).toMatchObject({ code: 0 });
        const { sdl } = JSON.parse(await at.read("schema.compiled.json"));
        expect(sdl).toContain(`\ntype ${OBJECTS[name]} implements Node {`);
      } finally {
        await at.remove();
        await database.drop();
      }
    },
    120_000,
  );
}
