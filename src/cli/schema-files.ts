/** The three files of a schema on disk: two that are written each time, one that belongs to the author. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { digest } from "../compose/authoring.ts";
import { FraiseqlError } from "../core/errors.ts";
import type { Catalog } from "../core/schema/catalog.ts";
import type { Model } from "../core/schema/model.ts";
import { writeSchema } from "../core/schema/write/write-schema.ts";
import { builderModule } from "./builder-module.ts";
import { readIfThere, writeWhole } from "./files.ts";

export type SchemaFilesInput = {
  /** Path of the author's file. */
  readonly out: string;
  readonly catalog: Catalog;
  readonly model: Model;
  /** Writes over generated files that somebody edited. */
  readonly force: boolean;
};

export type WrittenFile = { readonly path: string; readonly state: "written" | "unchanged" | "kept" };

/** @throws FraiseqlError SCHEMA_INVALID when a generated file was edited by hand */
export async function writeSchemaFiles({
  out,
  catalog,
  model,
  force,
}: SchemaFilesInput): Promise<readonly WrittenFile[]> {
  const stem = out.replace(/\.ts$/, "");
  const paths = { catalog: `${stem}.catalog.ts`, generated: `${stem}.generated.ts` };
  const texts = writeSchema(model, catalog, {
    catalog: `./${basename(paths.catalog)}`,
    generated: `./${basename(paths.generated)}`,
    builder: builderModule(out),
  });
  if (!force) for (const path of Object.values(paths)) await refuseEdited(path, out);
  const states: WrittenFile[] = [];
  for (const [path, text] of [
    [paths.catalog, texts.catalog],
    [paths.generated, texts.generated],
  ] as const) {
    const whole = `${await header(text)}${text}`;
    const isSame = (await readIfThere(path)) === whole;
    if (!isSame) await writeWhole(path, whole);
    states.push({ path, state: isSame ? "unchanged" : "written" });
  }
  if (existsSync(out)) return [{ path: out, state: "kept" }, ...states];
  await writeWhole(out, texts.authored);
  return [{ path: out, state: "written" }, ...states];
}

const HASH = /^\/\/ Content: ([0-9a-f]+)\n/m;

async function header(text: string): Promise<string> {
  return [
    "// Written by `fraiseql introspect`, which writes it anew each time. Changes belong into the file beside it that is yours.",
    `// Content: ${await contentHash(text)}`,
    "",
    "",
  ].join("\n");
}

const HASH_DIGITS = 16;

/** Blind to what a formatter changes: white space, commas at the end of lists, kinds of quotes. */
async function contentHash(text: string): Promise<string> {
  return (await digest(text.replaceAll(/[\s,'"\\;()]/g, ""))).slice(0, HASH_DIGITS);
}

async function refuseEdited(path: string, out: string): Promise<void> {
  const text = await readIfThere(path);
  if (text === undefined) return;
  const found = HASH.exec(text);
  if (found && found[1] === (await contentHash(text.slice(found.index + found[0].length)))) return;
  throw new FraiseqlError(
    "SCHEMA_INVALID",
    `${path} was edited by hand, and writing it again would lose that. Move the change into ${out} (db.change, db.omit or a part of your own), or give --force.`,
  );
}
