import type { Sources } from "../core/plan/sources.ts";

/** Tells whether data may have changed since it was read. */
export interface DataVersion {
  /**
   * A text for the data of these sources as it is now: equal texts mean equal data, now and later. Undefined where that
   * cannot be promised. Rejects with the codes of `Database`.
   */
  now(sources: Sources, options?: { readonly signal?: AbortSignal }): Promise<string | undefined>;
}
