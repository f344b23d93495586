import { glob, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { buildSchema, type GraphQLSchema } from "graphql";
import { digest } from "../../compose/authoring.ts";
import { FraiseqlError } from "../../core/errors.ts";
import type { DocumentFile, DocumentProblem } from "../../core/generate/document-files.ts";
import {
  type DocumentForm,
  GENERATED_MARK,
  type GeneratedModule,
  generateModule,
} from "../../core/generate/generate-module.ts";
import type { ScalarMapping } from "../../core/generate/type-names.ts";
import { openArtifact } from "../../core/schema/seal.ts";
import { suggestion } from "../../core/schema/suggest.ts";
import type { Command, CommandInput, CommandIo } from "../command.ts";
import { readIfThere, writeWhole } from "../files.ts";
import { problemText } from "../placed-problem.ts";
import { readArtifact } from "../read-artifact.ts";

const DOCUMENTS = "src/**/*.graphql";
const OUT = "src/generated.ts";
const FORMS: readonly DocumentForm[] = ["text", "node"];

export const generate: Command = {
  name: "generate",
  summary: "write TypeScript types for the operations in .graphql files",
  usage: `fraiseql generate [--schema schema.compiled.json] [--documents '${DOCUMENTS}'] [--out ${OUT}]

Holds every operation against the schema and writes one TypeScript module with their texts and types: results,
variables, fragments, enums, input objects. The same schema and documents give the same bytes.

  --schema      the artifact; schema.compiled.json unless given
  --documents   a folder, or a pattern of files, with operations and fragments; may be given several times
  --out         the module to write; ${OUT} unless given
  --scalar      Name=Type: the TypeScript type of a scalar, as in --scalar JSON=Payload. Types only: no value is converted.
                Decimal, BigInt, dates and the like are strings unless given; JSON is unknown. May be given several times
  --form        text: a document is a string (the default). node: it is a syntax tree, for Apollo Client and others`,
  options: {
    schema: { type: "string" },
    documents: { type: "string", multiple: true },
    out: { type: "string" },
    scalar: { type: "string", multiple: true },
    form: { type: "string" },
  },
  async run(input, io) {
    const { values, json } = input;
    const out = textOf(values["out"]) ?? OUT;
    const form = readForm(textOf(values["form"]) ?? "text");
    const scalars = readScalars(textsOf(values["scalar"]));
    const schema = await readSchema(textOf(values["schema"]) ?? "schema.compiled.json");
    const files = await readDocumentFiles(input);
    let made: GeneratedModule;
    try {
      made = generateModule({ schema, files, scalars, form });
    } catch (error) {
      return refused(error, json, io);
    }
    await write(out, made.text);
    const { operations, fragments } = made;
    if (json) io.out(JSON.stringify({ out, files: files.length, operations, fragments }));
    else io.out(`${out}: ${operations} operations and ${fragments} fragments of ${files.length} files`);
    return 0;
  },
};

type Value = CommandInput["values"][string];

const textOf = (value: Value): string | undefined => (typeof value === "string" ? value : undefined);
const textsOf = (value: Value): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function readForm(given: string): DocumentForm {
  const form = FORMS.find((name) => name === given);
  if (form) return form;
  const message = `--form has no value ${JSON.stringify(given)}${suggestion(given, FORMS)}`;
  throw new FraiseqlError("CONFIG_INVALID", message);
}

function readScalars(given: readonly string[]): ScalarMapping {
  return new Map(
    given.map((text) => {
      const [, name, type] = /^\s*(\w+)\s*=\s*(\S.*?)\s*$/s.exec(text) ?? [];
      if (name !== undefined && type !== undefined) return [name, type] as const;
      throw new FraiseqlError("CONFIG_INVALID", `--scalar takes Name=Type and was given ${JSON.stringify(text)}.`);
    }),
  );
}

async function readSchema(path: string): Promise<GraphQLSchema> {
  const { sdl } = await openArtifact(await readArtifact(path), digest);
  return buildSchema(sdl, { assumeValidSDL: true });
}

/** A pattern that the shell has already spread comes as several arguments; a folder is all documents below it. */
async function readDocumentFiles({ values, positionals }: CommandInput): Promise<readonly DocumentFile[]> {
  const given = textsOf(values["documents"]);
  const patterns = [...(given.length > 0 ? given : [DOCUMENTS]), ...positionals];
  const paths = new Set<string>();
  for (const pattern of patterns) {
    const before = paths.size;
    const files = (await isFolder(pattern)) ? join(pattern, "**/*.graphql") : pattern;
    for await (const path of glob(files)) if (!(await isFolder(path))) paths.add(path);
    if (paths.size > before) continue;
    const message = `No file matches ${JSON.stringify(pattern)}; name the documents with --documents, quoted.`;
    throw new FraiseqlError("CONFIG_INVALID", message);
  }
  return Promise.all([...paths].map(async (path) => ({ path, text: await readFile(path, "utf8") })));
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** A file that a person wrote is not written over. */
async function write(out: string, text: string): Promise<void> {
  const before = await readIfThere(out);
  if (before !== undefined && before !== "" && !before.startsWith(GENERATED_MARK)) {
    const message = `${out} was not written by this command and is left as it is; name another file with --out.`;
    throw new FraiseqlError("CONFIG_INVALID", message);
  }
  if (before !== text) await writeWhole(out, text);
}

/** Documents that are not in order are the answer of the command, not a failure of it. */
function refused(error: unknown, json: boolean, io: CommandIo): 1 {
  if (!(error instanceof FraiseqlError) || error.code !== "VALIDATION_ERROR") throw error;
  const problems = error.details["problems"] as readonly DocumentProblem[];
  if (json) io.out(JSON.stringify({ error: { code: error.code, message: error.message, problems } }));
  else io.err(`${error.code}: ${error.message}\n${problems.map(problemText).join("\n")}`);
  return 1;
}
