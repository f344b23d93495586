import { compileSchema } from "../../compose/authoring.ts";
import { FraiseqlError } from "../../core/errors.ts";
import type { Command } from "../command.ts";
import { writeWhole } from "../files.ts";
import { loadSchema } from "../load-schema.ts";
import { printError } from "../print-error.ts";

export const compile: Command = {
  name: "compile",
  summary: "make schema.compiled.json from schema.ts",
  usage: `fraiseql compile [schema.ts] [--out schema.compiled.json]

Runs the schema, checks it, and writes the artifact the server reads. The same schema gives the same bytes.
No database is asked; \`fraiseql check\` holds the artifact against one.

  --out   the file to write; schema.compiled.json unless given`,
  options: { out: { type: "string" } },
  async run({ values, positionals, json }, io) {
    const source = positionals[0] ?? "schema.ts";
    const out = typeof values["out"] === "string" ? values["out"] : "schema.compiled.json";
    try {
      const schema = await loadSchema(source);
      const artifact = await compileSchema(schema);
      await writeWhole(out, artifact);
      const { objects, queries } = schema.model;
      const hash = /"contentHash":"([^"]+)"/.exec(artifact)?.[1] ?? "";
      if (json) io.out(JSON.stringify({ out, contentHash: hash, objects: objects.length, queries: queries.length }));
      else io.out(`${out}: ${objects.length} objects, ${queries.length} root fields, ${hash}`);
      return 0;
    } catch (error) {
      // A schema that is not in order is the answer of the command, not a failure of it.
      if (!(error instanceof FraiseqlError) || error.code !== "SCHEMA_INVALID") throw error;
      printError(error, { json }, io);
      return 1;
    }
  },
};
