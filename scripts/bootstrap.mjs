// What every script needs before anything else can run. Plain Node 20 and nothing installed: no import from npm here.
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, linkSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Installs what package-lock.json lists unless exactly that is installed already. */
export function ensureInstalled() {
  const reason = whyInstall();
  if (reason === undefined) return;
  console.error(`${reason}: running npm ci (once; about 500 MB, most of it Bun, Deno and PostgreSQL)`);
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const { status, error } = spawnSync(command, [...args, "ci", "--no-audit", "--no-fund"], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (status !== 0)
    fail(`npm ci failed${error ? `: ${error.message}` : ""}. Its output is above; it needs the npm registry.`);
}

/** npm writes a copy of the lock file into node_modules when, and only when, it has finished. */
function whyInstall() {
  const installedFile = join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(installedFile)) return "Nothing is installed yet";
  const installed = JSON.parse(readFileSync(installedFile, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
  const stale = Object.entries(wanted).find(
    ([path, { version, optional }]) =>
      path !== "" &&
      // An optional package may be one of another platform.
      (installed[path] ? installed[path].version !== version : !optional),
  );
  return stale && `${stale[0]} is not installed as package-lock.json wants it`;
}

/**
 * The path of Bun. Where npm runs no install scripts, the `bun` package holds only a note in place of the program: then
 * the program is taken from the package of this platform.
 */
export function findBun() {
  const bun = join(ROOT, "node_modules", "bun", "bin", "bun.exe");
  if (isProgram(bun)) return bun;
  const names = [`bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`];
  const candidates = names
    .flatMap((name) => [name, `${name}-musl`])
    .map((name) => join(ROOT, "node_modules", "@oven", name, "bin", "bun"));
  const found = candidates.filter(isProgram).find((path) => spawnSync(path, ["--version"]).status === 0);
  if (found === undefined) fail(`npm has no Bun for ${process.platform}-${process.arch}.`);
  replaceBy(found, bun);
  return bun;
}

function isProgram(path) {
  // The note is a few hundred bytes, Bun a hundred million.
  return existsSync(path) && statSync(path).size > 1_000_000;
}

/** In one step, so that nobody who starts at the same time meets half a program. */
function replaceBy(source, target) {
  const draft = `${target}.${process.pid}`;
  rmSync(draft, { force: true });
  try {
    linkSync(source, draft);
  } catch {
    copyFileSync(source, draft);
  }
  chmodSync(draft, 0o755);
  renameSync(draft, target);
}

/**
 * Runs a program that owns the terminal until it ends, and ends as it did. Signals are its business: Ctrl-C reaches it
 * from the terminal, a signal sent to this process alone is passed on.
 */
export function runInForeground(command, args, env = process.env) {
  const child = spawn(command, args, { cwd: ROOT, stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`${command} cannot be started: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}

export function fail(message) {
  console.error(message);
  process.exit(2);
}
