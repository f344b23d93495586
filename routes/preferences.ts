/**
 * What a client would rather have, as far as tables know it. What is not understood is ignored.
 * https://www.rfc-editor.org/rfc/rfc7240
 */
export type Preferences = {
  /** `connections=3`: rows in any order, read over so many connections. */
  readonly connections?: number;
  /** `columns=flat`: fields of objects as columns of their own. */
  readonly columns?: "flat";
  /** `extension-types=omitted`: columns of Arrow without the names of extension types. */
  readonly extensionTypes?: "omitted";
};

/** One preference: a name, and a value that may stand in quotes. What follows behind a semicolon says nothing here. */
const PREFERENCE = /^\s*([\w-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s;"]*)))?\s*(?:;.*)?$/;

/** @param header - the `Prefer` header; several of them come joined with commas */
export function readPreferences(header: string | null): Preferences {
  if (header === null) return {};
  const found = new Map<string, string>();
  for (const part of header.split(",")) {
    const [, name, quoted, token] = PREFERENCE.exec(part) ?? [];
    // Of several with one name the first counts.
    if (name !== undefined && !found.has(name.toLowerCase())) found.set(name.toLowerCase(), quoted ?? token ?? "");
  }
  const connections = found.get("connections") ?? "";
  return {
    ...(/^\d{1,3}$/.test(connections) ? { connections: Number(connections) } : {}),
    ...(found.get("columns") === "flat" ? { columns: "flat" } : {}),
    ...(found.get("extension-types") === "omitted" ? { extensionTypes: "omitted" } : {}),
  };
}

/** The `Preference-Applied` header of an answer; nothing where no preference was applied. */
export function appliedHeader(applied: Preferences): Readonly<Record<string, string>> {
  const all = [
    ...(applied.columns === undefined ? [] : [`columns=${applied.columns}`]),
    ...(applied.extensionTypes === undefined ? [] : [`extension-types=${applied.extensionTypes}`]),
    ...(applied.connections === undefined ? [] : [`connections=${applied.connections}`]),
  ];
  return all.length > 0 ? { "preference-applied": all.join(", ") } : {};
}
