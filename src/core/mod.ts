/** What an author's `schema.ts` imports as `fraiseql`. */

export { database, type Schema, type SchemaBuilder } from "./schema/builder.ts";
export type { Catalog } from "./schema/catalog.ts";
