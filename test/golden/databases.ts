/** The databases golden cases are asked of, each made on first use. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { extendGallery, GALLERY_SQL } from "../engine/gallery.ts";
import { type Served, serve, serveDatabase } from "../engine/served.ts";
import { sampleDatabase } from "../support/samples.ts";
import type { DatabaseName } from "./case.ts";

export type Databases = {
  readonly served: (name: DatabaseName) => Promise<Served>;
  readonly close: () => Promise<void>;
};

export function openDatabases(): Databases {
  const made = new Map<DatabaseName, Promise<Served>>();
  return {
    served: (name) => {
      const served = made.get(name) ?? MAKE[name]();
      made.set(name, served);
      return served;
    },
    close: async () => {
      for (const served of made.values()) await (await served).close();
    },
  };
}

const MAKE: Readonly<Record<DatabaseName, () => Promise<Served>>> = {
  world: async () => serveDatabase(await sampleDatabase("world")),
  gallery: () => serve("gallery", GALLERY_SQL, { extend: extendGallery }),
  types: () => serve("types", readFileSync(join(import.meta.dir, "../differential/every-type.sql"), "utf8")),
};
