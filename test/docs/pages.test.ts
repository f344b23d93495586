/** What every page says of the tree is so: its links, its paths, its commands. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { scripts } from "../../package.json";
import type { Command } from "../../src/cli/command.ts";

const ROOT = join(import.meta.dir, "..", "..");
const PAGES = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...new Glob("docs/**/*.md").scanSync(ROOT),
];
const COMMANDS = new Map<string, Command>();
for (const file of new Glob("src/cli/commands/*.ts").scanSync({ cwd: ROOT, absolute: true })) {
  for (const one of Object.values<Command>(await import(file))) COMMANDS.set(one.name, one);
}
const textOf = (page: string) => readFileSync(join(ROOT, page), "utf8");

/** `## When PostgreSQL goes away` is found under `#when-postgresql-goes-away`. */
function anchors(page: string): readonly string[] {
  return [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each(PAGES)("every link of %s leads to a file, and its anchor to a heading", (page) => {
  const targets = [...textOf(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = ""]) => target);
  const broken = targets.filter((target) => {
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : join(dirname(page), path);
    return !existsSync(join(ROOT, file)) || (anchor !== undefined && !anchors(file).includes(anchor));
  });
  expect(broken).toEqual([]);
});

test.each(PAGES)("every path of %s is there", (page) => {
  // A file right in `src` is one of the reader's own program.
  const folders = "src/[a-z]+|routes|workers|test|bench|docs|scripts|infra|examples|\\.ci";
  const named = [...textOf(page).matchAll(new RegExp(`\`((?:${folders})/[^\`\\s<>…]*)\``, "g"))].map(
    ([, path = ""]) => path,
  );
  const missing = named.filter(
    (path) =>
      !path.includes("NNNN") &&
      [...new Glob(path).scanSync({ cwd: ROOT, onlyFiles: false })].length === 0 &&
      !existsSync(join(ROOT, path)),
  );
  expect(missing).toEqual([]);
});

test.each(PAGES)("every script that %s has npm or Bun run is one", (page) => {
  const named = [...textOf(page).matchAll(/(?:npm|bun) run (?:-s )?([a-z][a-z:-]*)/g)].map(([, name = ""]) => name);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test.each(PAGES)("every command of fraiseql that %s names is one, and has the options that it is given", (page) => {
  const calls = [...textOf(page).matchAll(/(?:^|`|bun run |[=&|] )fraiseql ([a-z][a-z-]*)([^`|\n]*)/gm)];
  const unknown = calls.flatMap(([call, name = "", rest = ""]) => {
    const known = COMMANDS.get(name)?.options;
    const options = [...rest.matchAll(/(?<= )--([a-z-]+)/g)].map(([, option = ""]) => option);
    return known && options.every((option) => option in known || option === "json" || option === "help") ? [] : [call];
  });
  expect(unknown).toEqual([]);
});

test("ARCHITECTURE.md is one page", () => {
  expect(textOf("ARCHITECTURE.md").trimEnd().split("\n").length).toBeLessThanOrEqual(70);
});

test.each(["src", "src/core", "src/adapters"])("the map of folders names every folder of %s", async (parent) => {
  const map = textOf("docs/internals/folders.md");
  const names = (await readdir(join(ROOT, parent), { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const isNamed = (name: string) =>
    map.includes(`\`${parent}/${name}\``) || map.includes(`\`${name}\``) || map.includes(`\`${parent}/${name}/`);
  expect(names.map(({ name }) => name).filter((name) => !isNamed(name))).toEqual([]);
});
