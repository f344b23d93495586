/** The examples of a guide, each with what it prints, and a folder where they find their packages. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { installReaders, run } from "../interop/installed.ts";

export const ROOT = join(import.meta.dir, "..", "..");
const CONSUMERS = join(import.meta.dir, "consumers");
const READERS = join(ROOT, "test", "interop", "readers");

export type Example = {
  /** The heading above it. */
  readonly title: string;
  readonly language: string;
  readonly text: string;
  /** The block of text right below, if there is one. */
  readonly prints: string | undefined;
};

export function examplesOf(guide: string): readonly Example[] {
  const text = readFileSync(join(ROOT, "docs", "guides", guide), "utf8");
  return text.split(/^## /m).flatMap((section) => {
    const title = section.slice(0, section.indexOf("\n"));
    const blocks = [...section.matchAll(/^```(\w+)\n(.*?)^```$\n*(?:```text\n(.*?)^```$)?/gms)];
    return blocks.map(([, language = "", code = "", prints]) => ({ title, language, text: code, prints }));
  });
}

export type Workshop = { readonly folder: string; remove(): Promise<void> };

/** A folder that has the packages of the tests, of the readers and of the project, and the project itself. */
export async function openWorkshop(): Promise<Workshop> {
  await installReaders();
  if (!existsSync(join(CONSUMERS, "node_modules", ".package-lock.json"))) {
    const install = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];
    const { code, output } = await run(install, CONSUMERS);
    if (code !== 0) throw new Error(`npm install failed in test/client/consumers: ${output}`);
  }
  const folder = await mkdtemp(join(tmpdir(), "fraiseql-guide-"));
  const packages = join(folder, "node_modules");
  await link(ROOT, join(packages, "fraiseql"));
  // The first that has a package gives it; each finds what it needs itself beside it.
  for (const home of [CONSUMERS, ROOT, READERS]) {
    const modules = join(home, "node_modules");
    for (const name of namesIn(modules)) await link(join(modules, name), join(packages, name));
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

function namesIn(modules: string): readonly string[] {
  return readdirSync(modules).flatMap((name) => {
    if (name.startsWith(".")) return [];
    return name.startsWith("@") ? readdirSync(join(modules, name)).map((inside) => `${name}/${inside}`) : [name];
  });
}

async function link(target: string, path: string): Promise<void> {
  if (existsSync(path)) return;
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}
