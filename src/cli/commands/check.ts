import { compareWithDatabase } from "../../compose/authoring.ts";
import { readConfig } from "../../config/config-file.ts";
import type { Difference } from "../../core/schema/drift.ts";
import type { Command, CommandIo } from "../command.ts";
import { readArtifact } from "../read-artifact.ts";

export const check: Command = {
  name: "check",
  summary: "hold an artifact against the live database",
  usage: `fraiseql check [schema.compiled.json]

Compares what the artifact rests on with the database in DATABASE_URL: relations, columns, types, keys, nullability,
enum labels, function signatures and the expressions of computed fields. Prints every difference with what to do about it.
Which artifact is left out is that of the configuration: schema.compiled.json unless it says otherwise.
A server does not start on an artifact with a difference that would make answers wrong.`,
  options: {},
  async run({ positionals, json }, io) {
    const { database, artifact } = await readConfig(io.env);
    const path = positionals[0] ?? artifact.path;
    const text = await readArtifact(path);
    const differences = await compareWithDatabase(text, database.url);
    report(path, differences, json, io);
    return differences.length === 0 ? 0 : 1;
  },
};

function report(path: string, differences: readonly Difference[], json: boolean, io: CommandIo): void {
  if (json) {
    io.out(JSON.stringify({ artifact: path, fits: differences.length === 0, differences }));
    return;
  }
  if (differences.length === 0) {
    io.out(`${path} fits the database.`);
    return;
  }
  for (const { what, mend, wrong } of differences) io.out(`${wrong ? "wrong" : "other"}  ${what}\n       ${mend}`);
  const wrong = differences.filter((difference) => difference.wrong).length;
  io.out(
    wrong > 0
      ? `${path} does not fit the database: ${wrong} of ${differences.length} differences would make answers wrong or fail.`
      : `${path} still fits the database; ${differences.length} differences change no answer that it gives.`,
  );
}
