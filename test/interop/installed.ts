/** Readers that are installed when a test asks for them. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const HERE = import.meta.dir;
const READERS = join(HERE, "readers");
const NPM_INSTALL = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];
const VENV = join(HERE, "../../.fraiseql/interop");

/**
 * Installs what the package file of `readers` names, once. It has no lock file: not every registry has all the
 * platforms Polars names, and npm takes a lock without them for a broken one.
 *
 * @throws Error when npm fails
 */
export async function installReaders(): Promise<void> {
  // npm writes this file last.
  if (existsSync(join(READERS, "node_modules/.package-lock.json"))) return;
  const { code, output } = await run(NPM_INSTALL, READERS);
  if (code !== 0) throw new Error(`npm install failed in test/interop/readers: ${output}`);
}

/** Python with pyarrow and ADBC, or why there is none: PyPI is not reached from everywhere. */
export async function installPython(): Promise<{ readonly python: string } | { readonly missing: string }> {
  const python = join(VENV, "bin/python");
  const wanted = await readFile(join(HERE, "requirements.txt"), "utf8");
  const mark = join(VENV, "installed.txt");
  if (existsSync(mark) && (await readFile(mark, "utf8")) === wanted) return { python };
  await mkdir(VENV, { recursive: true });
  const install = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--retries=1",
    "--timeout=20",
    "-r",
    join(HERE, "requirements.txt"),
  ];
  for (const command of [
    ["python3", "-m", "venv", VENV],
    [python, ...install],
  ]) {
    const { code, output } = await run(command, HERE);
    if (code !== 0) return { missing: output.trim().split("\n").at(-1) ?? `${command[0]} failed` };
  }
  await writeFile(mark, wanted);
  return { python };
}

/** Never rejects: a program that does not exist ends with code 127. */
export async function run(
  command: readonly string[],
  cwd: string,
): Promise<{ readonly code: number; readonly output: string }> {
  try {
    const child = Bun.spawn([...command], { cwd, stdout: "pipe", stderr: "pipe" });
    const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    return { code: await child.exited, output: out + err };
  } catch (error) {
    return { code: 127, output: String(error) };
  }
}
