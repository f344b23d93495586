/** What an author's `schema.ts` imports as `fraiseql`. */

export { defineRules } from "./rules/define-rules.ts";
export { database, type Schema, type SchemaBuilder } from "./schema/builder/builder.ts";
export type { Catalog } from "./schema/catalog.ts";
