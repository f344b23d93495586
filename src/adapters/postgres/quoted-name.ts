import type { QualifiedName } from "../../core/schema/catalog.ts";

/** A name as `to_regclass` takes it. */
export function quotedName({ schema, name }: QualifiedName): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

/** Such names as one value of the type `text[]`. */
export function namesAsArray(names: readonly QualifiedName[]): string {
  const elements = names.map((name) => `"${quotedName(name).replaceAll(/["\\]/g, "\\$&")}"`);
  return `{${elements.join(",")}}`;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
