/** Tells when a schema or a file it imports was changed. */
import { existsSync, type FSWatcher, readFileSync, watch } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Editors write a file in several steps; they count as one change. */
const QUIET_MS = 30;

const IMPORT = /\bfrom\s*["'](?<path>\.{1,2}\/[^"']+)["']/g;

export type SchemaWatch = {
  /** Reads again which files belong to the schema. */
  refresh(): void;
  close(): void;
};

/** @param onChange called once for changes that come together */
export function watchSchema(source: string, onChange: () => void): SchemaWatch {
  const watchers = new Map<string, FSWatcher>();
  let files = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = (folder: string, name: string | null): void => {
    if (name === null || !files.has(join(folder, name))) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET_MS);
  };
  const refresh = (): void => {
    files = filesOf(resolve(source));
    // Folders and not files, because many programs write a new file and give it the old name.
    for (const folder of new Set([...files].map((file) => dirname(file)))) {
      if (watchers.has(folder)) continue;
      watchers.set(
        folder,
        watch(folder, (_, name) => changed(folder, name)),
      );
    }
  };
  refresh();
  return {
    refresh,
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

/** The file and all that it imports by relative paths. */
function filesOf(file: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(file) || file.includes("/node_modules/")) return seen;
  seen.add(file);
  if (!existsSync(file)) return seen;
  for (const { groups } of readFileSync(file, "utf8").matchAll(IMPORT)) {
    filesOf(resolve(dirname(file), groups?.["path"] ?? ""), seen);
  }
  return seen;
}
