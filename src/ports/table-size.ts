import type { QualifiedName } from "../core/schema/catalog.ts";

/** How large a table is, for those who read it in parts. */
export interface TableSize {
  /** Its pages; undefined where it has none of its own, as a view or a partitioned table. */
  pages(relation: QualifiedName, options?: { readonly signal?: AbortSignal }): Promise<number | undefined>;
}
