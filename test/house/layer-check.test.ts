import { describe, expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dir, "..", "..");

/** Runs the layer check on a tree made of these files, with the project's own packages beside them. */
async function checkTree(files: Record<string, string>): Promise<{ code: number; output: string }> {
  const tree = await mkdtemp(join(tmpdir(), "fraiseql-layers-"));
  try {
    for (const file of ["tsconfig.base.json", "tsconfig.json", ".dependency-cruiser.cjs"]) {
      await cp(join(ROOT, file), join(tree, file));
    }
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), text);
    }
    const check = Bun.spawn(["node", join(ROOT, "scripts", "check-layers.mjs"), tree], {
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([new Response(check.stdout).text(), new Response(check.stderr).text()]);
    return { code: await check.exited, output: out + err };
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

const CORE = { "src/core/one.ts": "export const one = 1;\n" };
const ADAPTER = { "src/adapters/a/a.ts": 'import { one } from "../../core/one.ts";\nexport const a = one;\n' };

describe("the layer check", () => {
  test("passes a tree whose imports point downwards", async () => {
    const { code, output } = await checkTree({ ...CORE, ...ADAPTER });
    expect(output).toContain("2 modules seen of 2 in the tree, 0 problems");
    expect(code).toBe(0);
  });

  test("names every file that breaks a rule, and the rule", async () => {
    const imports = (path: string) => `export { x } from "${path}";\n`;
    const { code, output } = await checkTree({
      ...CORE,
      ...ADAPTER,
      "src/adapters/a/x.ts": "export const x = 1;\n",
      "src/adapters/embedded-postgres/x.ts": "export const x = 1;\n",
      "src/core/to-adapter.ts": imports("../adapters/a/x.ts"),
      "src/core/to-disk.ts": 'export { readFileSync } from "node:fs";\n',
      "src/core/to-driver.ts": 'export { default as x } from "postgres";\n',
      "src/core/nowhere.ts": imports("./not-there.ts"),
      "src/core/round.ts": 'import { trip } from "./trip.ts";\nexport const round = () => trip;\n',
      "src/core/trip.ts": 'import { round } from "./round.ts";\nexport const trip = () => round;\n',
      "src/ports/types.ts": 'import type { x } from "../adapters/a/x.ts";\nexport type P = typeof x;\n',
      "src/flows/flow.ts": imports("../adapters/a/x.ts"),
      "src/flows/up.ts": imports("../../routes/route.ts"),
      "src/config/config.ts": imports("../adapters/a/x.ts"),
      "src/adapters/b/b.ts": imports("../a/x.ts"),
      "src/cli/command.ts": imports("../adapters/a/x.ts"),
      "routes/route.ts": imports("../src/adapters/a/x.ts"),
      "workers/worker.ts": imports("../src/adapters/a/x.ts"),
      "src/compose/edge.ts": imports("./between.ts"),
      "src/compose/between.ts": imports("../adapters/embedded-postgres/x.ts"),
      "src/core/bun.ts": "export const version = Bun.version;\n",
      "src/adapters/a/bun.ts": "export const version = globalThis.Bun;\n",
      "routes/deno.ts": "export const version = Deno.version;\n",
      "src/cli/home.ts": 'export const home = process.env["HOME"];\n',
    });
    const lines = output.split("\n");
    for (const [from, rule] of [
      ["src/core/to-adapter.ts -> ", "core-alone"],
      ["src/core/to-disk.ts -> fs", "core-alone"],
      ["src/core/to-driver.ts -> ", "core-alone"],
      ["src/core/nowhere.ts -> ", "resolvable"],
      ["src/core/round.ts -> ", "no-cycles"],
      ["src/ports/types.ts -> ", "ports-on-core"],
      ["src/flows/flow.ts -> ", "flows-on-ports"],
      ["src/flows/up.ts -> ", "nothing-above"],
      ["src/config/config.ts -> ", "config-on-core"],
      ["src/adapters/b/b.ts -> ", "adapters-apart"],
      ["src/cli/command.ts -> ", "adapters-through-compose"],
      ["routes/route.ts -> ", "adapters-through-compose"],
      ["workers/worker.ts -> ", "adapters-through-compose"],
      ["src/compose/edge.ts -> ", "edge-without-worker"],
      ["src/core/bun.ts:1: Bun ", "may not be used here"],
      ["src/adapters/a/bun.ts:1: Bun ", "may not be used here"],
      ["routes/deno.ts:1: Deno ", "may not be used here"],
      ["src/cli/home.ts:1: environment variables ", "may not be used here"],
    ] as const) {
      expect(lines.filter((line) => line.startsWith(from) && line.includes(rule))).not.toEqual([]);
    }
    expect(code).toBe(1);
  });

  test("fails when it sees fewer modules than the tree has", async () => {
    const config = await readFile(join(ROOT, ".dependency-cruiser.cjs"), "utf8");
    const hiding = config.replace("options: {", 'options: { exclude: { path: "^src/core/two" },');
    expect(hiding).not.toBe(config);
    const { code, output } = await checkTree({
      ...CORE,
      "src/core/two.ts": "export const two = 2;\n",
      ".dependency-cruiser.cjs": hiding,
    });
    expect(output).toContain("src/core/two.ts: the check does not see this module");
    expect(output).toContain("1 modules seen of 2 in the tree");
    expect(code).toBe(1);
  });

  test("fails on a tree that holds nothing", async () => {
    const { code, output } = await checkTree({});
    expect(output).toContain("there is nothing to check");
    expect(code).toBe(1);
  });
});
