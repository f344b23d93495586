import type { QualifiedName } from "../../core/schema/catalog.ts";

/** A name as `to_regclass` takes it. */
export function quotedName({ schema, name }: QualifiedName): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
