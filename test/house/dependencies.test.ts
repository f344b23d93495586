/** What is installed is what the tests ran with: some versions of these packages have faults that others have not. */
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..", "..");
const read = async (name: string) => JSON.parse(await readFile(join(ROOT, name), "utf8"));

test("every package is named by one version, never by a range", async () => {
  const { dependencies, devDependencies } = await read("package.json");
  const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)),
  );
  expect(ranges).toEqual([]);
});

test("graphql is installed once: one realm of it refuses the types of another", async () => {
  const { packages } = await read("package-lock.json");
  const places = Object.keys(packages).filter((path) => path.endsWith("node_modules/graphql"));
  expect(places).toEqual(["node_modules/graphql"]);
});
