/**
 * Compiles a schema in a process of its own. A module is loaded once per process, so a changed one needs another; and a
 * schema that does not end or that ends the process harms nobody.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type ErrorCode, FraiseqlError } from "../core/errors.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const TIME_MAX_MS = 30_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/**
 * @returns the text of the artifact
 * @throws FraiseqlError SCHEMA_INVALID with every problem and its place; CONFIG_INVALID where there is no file
 */
export async function compileApart(source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "fraiseql-dev-"));
  try {
    const out = join(folder, "schema.compiled.json");
    const printed = await run([MAIN, "compile", source, "--out", out, "--json"]);
    if (printed !== undefined) throw printed;
    return await readFile(out, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing when the command succeeds, otherwise its error. */
function run(args: readonly string[]): Promise<FraiseqlError | undefined> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { timeout: TIME_MAX_MS, maxBuffer: OUTPUT_BYTES_MAX },
      (failure, stdout, stderr) => {
        resolve(failure === null ? undefined : readError(stdout, stderr));
      },
    );
  });
}

function readError(stdout: string, stderr: string): FraiseqlError {
  const line = stdout.split("\n").find((each) => each.startsWith('{"error":'));
  if (line === undefined)
    return new FraiseqlError("SCHEMA_INVALID", stderr.trim() || "The schema ended the process that compiled it.");
  const { error } = JSON.parse(line) as {
    error: { code: ErrorCode; message: string } & Record<string, unknown>;
  };
  const { code, message, ...details } = error;
  return new FraiseqlError(code, message, { details });
}
