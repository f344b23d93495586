/** What stands before the batches of a table: its schema and its dictionaries, the same for each request of one plan. */
import type { Column } from "./column.ts";
import { type ExtensionTypes, type Metadata, type SchemaOptions, schemaMessage } from "./schema-message.ts";
import { dictionaryMessages } from "./table-encoder.ts";

export type TableHead = {
  readonly schema: Uint8Array;
  readonly dictionaries: readonly Uint8Array[];
};

/** Gives the head of a table; what it made last is kept, for making it takes longer than a hundred rows do. */
export type TableHeads = (options: SchemaOptions) => TableHead;

/** What comes before the rows; kept, since most requests for a table want the same. */
export function createTableHeads(columns: readonly Column[]): TableHeads {
  const kept = new Map<ExtensionTypes, { readonly metadata: Metadata; readonly head: TableHead }>();
  return (options) => {
    const { metadata, extensionTypes } = options;
    const found = kept.get(extensionTypes);
    if (found && isSame(found.metadata, metadata)) return found.head;
    const head = { schema: schemaMessage(columns, options), dictionaries: dictionaryMessages(columns) };
    kept.set(extensionTypes, { metadata, head });
    return head;
  };
}

function isSame(one: Metadata, other: Metadata): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
