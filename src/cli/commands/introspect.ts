import { existsSync } from "node:fs";
import { readDatabase } from "../../compose/authoring.ts";
import { readConfig } from "../../config/config-file.ts";
import type { Command } from "../command.ts";
import { writeSchemaFiles } from "../schema-files.ts";

export const introspect: Command = {
  name: "introspect",
  summary: "write schema.ts from a live database",
  usage: `fraiseql introspect [--out schema.ts] [--schemas public,sales] [--force]

Reads the database in DATABASE_URL and writes three files:

  schema.ts             yours: what shall be different. Written only if it is not there.
  schema.generated.ts   every type the database gives. Written each time.
  schema.catalog.ts     what the database says about itself, for the compiler. Written each time.

  --out       the first of the files; the others stand beside it
  --schemas   the PostgreSQL schemas to read, separated by commas; all but the system's own unless given
  --force     write over generated files that were edited by hand`,
  options: { out: { type: "string" }, schemas: { type: "string" }, force: { type: "boolean" } },
  async run({ values, json }, io) {
    const out = typeof values["out"] === "string" ? values["out"] : "schema.ts";
    const schemas =
      typeof values["schemas"] === "string" ? values["schemas"].split(",").map((name) => name.trim()) : undefined;
    const { database } = await readConfig(io.env);
    const isNew = !existsSync(out);
    const { catalog, model, notes } = await readDatabase(database.url, schemas);
    const files = await writeSchemaFiles({ out, catalog, model, force: values["force"] === true });
    const counts = {
      relations: catalog.relations.length,
      objects: model.objects.length,
      queries: model.queries.length,
    };
    if (json) {
      io.out(JSON.stringify({ files, ...counts, notes }));
      return 0;
    }
    for (const note of notes) io.err(`note: ${note}`);
    for (const { path, state } of files) io.out(`${state.padEnd(9)} ${path}`);
    io.out(`${counts.relations} relations → ${counts.objects} objects, ${counts.queries} root fields.`);
    const next = `Next: npx bun run fraiseql compile ${out}`;
    io.out(isNew ? next : `${out} is yours and was left as it is. ${next}`);
    return 0;
  },
};
