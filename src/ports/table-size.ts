import type { QualifiedName } from "../core/schema/catalog.ts";

/** How large a table is, for those who read it in parts. */
export interface TableSize {
  /** Its pages; undefined where it has none of its own, as a view or a partitioned table. */
  pages(relation: QualifiedName, options?: { readonly signal?: AbortSignal }): Promise<number | undefined>;
  /**
   * Values of a column, ascending and in PostgreSQL's text form, between which lie about so many rows each. None where a range
   * of the column's values is not quick to read in its order, or where nothing is known of them.
   */
  bounds(relation: QualifiedName, column: string, rows: number): Promise<readonly string[]>;
}
