import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { run } from "../interop/installed.ts";
import { examplesOf, openWorkshop, ROOT, type Workshop } from "./guide-blocks.ts";
import { type Api, worldApi } from "./world-api.ts";

const EXAMPLES = examplesOf("client.md");
const PROGRAMS = EXAMPLES.filter(({ language }) => language === "ts");

let api: Api;
let workshop: Workshop;
beforeAll(async () => {
  [api, workshop] = await Promise.all([worldApi(), openWorkshop()]);
  const { folder } = workshop;
  await Bun.write(join(folder, "schema.compiled.json"), api.artifact);
  await Bun.write(join(folder, "src", "cities.graphql"), EXAMPLES.find(({ language }) => language === "graphql")!.text);
  for (const [index, { text }] of PROGRAMS.entries())
    await Bun.write(
      join(folder, "src", `example${index}.ts`),
      text.replaceAll("http://127.0.0.1:8000/graphql", api.url),
    );
}, 240_000);
afterAll(async () => {
  await workshop?.remove();
  await api?.close();
});

describe("docs/guides/client.md", () => {
  test("its commands write the modules that its examples import", async () => {
    const commands = EXAMPLES.filter(({ language }) => language === "sh").map(({ text }) => text.trim());
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      expect(command).toStartWith("npx bun run fraiseql generate");
      const main = `${process.execPath} ${join(ROOT, "src", "cli", "main.ts")}`;
      const { code, output } = await run(["sh", "-c", command.replace("npx bun run fraiseql", main)], workshop.folder);
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("1 operations and 1 fragments") });
    }
  });

  for (const [index, { title, prints }] of PROGRAMS.entries())
    test(`${title}: example ${index} prints what stands below it`, async () => {
      const { code, output } = await run([process.execPath, join("src", `example${index}.ts`)], workshop.folder);
      expect({ code, output }).toEqual({ code: 0, output: prints ?? "" });
    }, 60_000);

  test("its examples compile, those of other clients too, and their documents' types reach the result", async () => {
    const others = ["graphql-request", "@urql/core", "@apollo/client"];
    const wrong = PROGRAMS.flatMap(({ text }, index) => {
      const other = others.find((name) => text.includes(`"${name}"`));
      if (other === undefined) return [];
      // The same programs with a field that was not selected have to fail.
      return [{ file: `wrong${index}.ts`, text: text.replace("?.name)", "?.longitude)") }];
    });
    expect(wrong).toHaveLength(others.length);
    for (const { file, text } of wrong) await Bun.write(join(workshop.folder, "src", file), text);
    const options = {
      extends: join(ROOT, "tsconfig.base.json"),
      compilerOptions: { lib: ["ES2023", "DOM"], types: [], preserveSymlinks: false },
      include: ["src"],
    };
    await Bun.write(join(workshop.folder, "tsconfig.json"), JSON.stringify(options));
    const { output } = await run(
      ["node", join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-p", "."],
      workshop.folder,
    );
    const lines = output
      .trim()
      .split("\n")
      .filter((line) => line.startsWith("src/"));
    expect(lines.map((line) => /^src\/\w+\.ts/.exec(line)?.[0])).toEqual(wrong.map(({ file }) => `src/${file}`));
    for (const line of lines) expect(line).toContain("Property 'longitude' does not exist");
  }, 120_000);
});
