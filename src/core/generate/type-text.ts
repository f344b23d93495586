/** TypeScript as text. */

export type Property = { readonly name: string; readonly optional: boolean; readonly type: string };

/** An object type with a property a line. */
export function objectType(properties: readonly Property[]): string {
  const lines = properties.map(({ name, optional, type }) => `readonly ${name}${optional ? "?" : ""}: ${type};`);
  return lines.length === 0 ? "Record<string, never>" : `{\n${indented(lines.join("\n"))}\n}`;
}

/** `A | B`, each once. */
export function unionType(types: readonly string[]): string {
  return [...new Set(types)].join(" | ");
}

/** A list that cannot be written to. */
export function listType(item: string): string {
  return isUnion(item) ? `readonly (${item})[]` : `readonly ${item}[]`;
}

/** Whether a `|` stands outside of all brackets. */
function isUnion(type: string): boolean {
  let depth = 0;
  for (const letter of type) {
    if ("{(<[".includes(letter)) depth += 1;
    else if ("})>]".includes(letter)) depth -= 1;
    else if (letter === "|" && depth === 0) return true;
  }
  return false;
}

/** Two spaces before each line that is not empty. */
export const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, "  ");

/** A comment for the editor; nothing where there is nothing to say. */
export function commentOf(description: string | undefined | null): string {
  if (!description) return "";
  const lines = description.replaceAll("*/", "*\\/").split("\n");
  if (lines.length === 1) return `/** ${lines[0]} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n`;
}

/** A text that holds itself in backticks. */
export const templateText = (text: string): string => `\`${text.replaceAll(/[`\\]|\$(?=\{)/g, "\\$&")}\``;
