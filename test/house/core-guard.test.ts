import { expect, test } from "bun:test";
import { join } from "node:path";
import ts from "typescript";

const CORE = join(import.meta.dir, "..", "..", "src", "core");

/** What core may not touch: the network, the process, clocks that run, randomness, encoders of the runtime. */
const RUNTIME_GLOBALS = [
  "Bun",
  "Buffer",
  "Deno",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "atob",
  "console",
  "crypto",
  "document",
  "fetch",
  "performance",
  "process",
  "queueMicrotask",
  "setTimeout",
  "structuredClone",
  "window",
];

/** Compiles the whole of core as its own tsconfig says, with one file more, and returns the complaints about that file. */
function complaintsAbout(text: string): string[] {
  const { config, error } = ts.readConfigFile(join(CORE, "tsconfig.json"), ts.sys.readFile);
  expect(error).toBeUndefined();
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, CORE);
  expect(fileNames.length).toBeGreaterThan(10);
  const probe = join(CORE, "probe.ts");
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (path) => (path === probe ? text : readFile(path));
  host.fileExists = (path) => path === probe || fileExists(path);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (path, ...rest) =>
    path === probe ? ts.createSourceFile(path, text, ts.ScriptTarget.ES2023) : getSourceFile(path, ...rest);
  const program = ts.createProgram([...fileNames, probe], options, host);
  const source = program.getSourceFile(probe);
  return program
    .getSemanticDiagnostics(source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

test("core cannot see a single runtime global, whatever its packages import", () => {
  const probe = RUNTIME_GLOBALS.map((name) => `export const see_${name} = ${name};`).join("\n");
  const hidden = complaintsAbout(probe).map((message) => /^Cannot find name '(\w+)'/.exec(message)?.[1]);
  expect(hidden.toSorted()).toEqual(RUNTIME_GLOBALS.toSorted());
});

test("the guard lets through what the language itself has", () => {
  expect(complaintsAbout("export const now = [new Map([[1n, Symbol.iterator]]), [1].toSorted()];")).toEqual([]);
});
