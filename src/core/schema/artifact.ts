import type { Catalog } from "./catalog.ts";
import type { Model } from "./model.ts";

/** Raised whenever a reader of an older number would misread the file. */
export const FORMAT_VERSION = 1;

/** The sealed result of `fraiseql compile`: `schema.compiled.json`. */
export type Artifact = {
  readonly formatVersion: typeof FORMAT_VERSION;
  /** `sha256:<hex>` over the canonical JSON of everything else. */
  readonly contentHash: string;
  readonly model: Model;
  /** The part of the catalog the model rests on; `fraiseql check` holds it against the live database. */
  readonly catalog: Catalog;
  /** The whole GraphQL schema as SDL, for clients and reviews; the server builds its schema from `model`. */
  readonly sdl: string;
};
