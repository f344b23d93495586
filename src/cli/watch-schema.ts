/** Tells when a schema or a file it imports was changed. */
import { type FSWatcher, watch } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { filesOfSchema } from "./schema-imports.ts";

/** Editors write a file in several steps; they count as one change. */
const QUIET_MS = 30;

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
    files = filesOfSchema(resolve(source));
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
