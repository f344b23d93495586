/**
 * TypeScript expressions as data, and their text in the form the formatter gives it: one line where it fits, otherwise
 * one entry a line.
 */
export type Code =
  | string
  | { readonly entries: readonly (readonly [key: string, value: Code])[] }
  | { readonly items: readonly Code[] }
  | { readonly call: string; readonly args: readonly Code[] }
  /** `(f) => ({ … })` */
  | { readonly parameter: string; readonly body: Code };

const LINE_WIDTH = 120;
const INDENT = "  ";

/** A string literal, in single quotes where that needs fewer escapes. */
export function text(value: string): Code {
  const double = JSON.stringify(value);
  const count = (quote: string): number => value.split(quote).length;
  if (count('"') <= count("'")) return double;
  return `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

export const object = (
  entries: readonly (readonly [string, Code | undefined])[],
): { readonly entries: readonly (readonly [string, Code])[] } => ({
  entries: entries.filter((entry): entry is readonly [string, Code] => entry[1] !== undefined),
});
export const list = (items: readonly Code[]): Code => ({ items });
export const call = (name: string, ...args: readonly (Code | undefined)[]): Code => ({
  call: name,
  args: args.filter((each): each is Code => each !== undefined),
});

/** A plain value as code. */
export function literal(value: unknown): Code {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return { items: value.map(literal) };
  if (typeof value === "object" && value !== null)
    return object(Object.entries(value).map(([key, each]) => [key, each === undefined ? undefined : literal(each)]));
  return JSON.stringify(value) ?? "undefined";
}

/**
 * @param indent depth of the line the code begins on
 * @param before characters on that line before the code
 * @param after characters that follow on its last line
 */
export function print(code: Code, indent: number, before: number, after: number): string {
  if (typeof code === "string") return code;
  const inline = flat(code);
  if (inline !== undefined && before + inline.length + after <= LINE_WIDTH) return inline;
  if ("parameter" in code) return `(${code.parameter}) => (${printBody(code.body, indent)})`;
  if ("entries" in code) return block("{", entriesOf(code.entries), "}", indent);
  if ("items" in code) return block("[", unnamed(code.items), "]", indent);
  return printCall(code.call, code.args, indent, before, after);
}

/** Always one field a line, so that a second one is a line of its own in a diff. */
function printBody(body: Code, indent: number): string {
  if (typeof body === "string" || !("entries" in body)) return print(body, indent, LINE_WIDTH, 0);
  return block("{", entriesOf(body.entries), "}", indent);
}

function entriesOf(entries: readonly (readonly [string, Code])[]): readonly (readonly [string, Code])[] {
  return entries.map(([key, value]) => [`${keyText(key)}: `, value]);
}

const unnamed = (items: readonly Code[]) => items.map((item) => ["", item] as const);

function block(open: string, entries: readonly (readonly [string, Code])[], close: string, indent: number): string {
  if (entries.length === 0) return open + close;
  const pad = INDENT.repeat(indent + 1);
  const lines = entries.map(([lead, value]) => {
    const printed = print(value, indent + 1, pad.length + lead.length, 1);
    // A long text goes below its key; nothing else gains by it.
    const isLong = lead !== "" && typeof value === "string" && pad.length + lead.length + printed.length >= LINE_WIDTH;
    return isLong ? `${pad}${lead.trimEnd()}\n${pad}${INDENT}${printed},` : `${pad}${lead}${printed},`;
  });
  return `${open}\n${lines.join("\n")}\n${INDENT.repeat(indent)}${close}`;
}

/** The last argument may break by itself when all others fit before it; otherwise each argument has its line. */
function printCall(name: string, args: readonly Code[], indent: number, before: number, after: number): string {
  const first = args.slice(0, -1).map(flat);
  const last = args.at(-1);
  if (last !== undefined && typeof last !== "string" && first.every((each) => each !== undefined)) {
    const head = `${name}(${first.map((each) => `${each}, `).join("")}`;
    const opening = "parameter" in last ? last.parameter.length + 8 : 1;
    if (before + head.length + opening <= LINE_WIDTH)
      return `${head}${print(last, indent, before + head.length, after + 1)})`;
  }
  return `${name}${block("(", unnamed(args), ")", indent)}`;
}

/** The code on one line; nothing for the body of a function that holds something, which always breaks. */
function flat(code: Code): string | undefined {
  if (typeof code === "string") return code;
  if ("parameter" in code) {
    const { body: inner } = code;
    const body = typeof inner !== "string" && "entries" in inner && inner.entries.length > 0 ? undefined : flat(inner);
    return body === undefined ? undefined : `(${code.parameter}) => (${body})`;
  }
  if ("entries" in code) {
    const parts = code.entries.map(([key, value]) => [keyText(key), flat(value)] as const);
    if (parts.some(([, value]) => value === undefined)) return undefined;
    return parts.length === 0 ? "{}" : `{ ${parts.map(([key, value]) => `${key}: ${value}`).join(", ")} }`;
  }
  if ("items" in code && isTable(code.items)) return undefined;
  const parts = ("items" in code ? code.items : code.args).map(flat);
  if (parts.some((part) => part === undefined)) return undefined;
  return "items" in code ? `[${parts.join(", ")}]` : `${code.call}(${parts.join(", ")})`;
}

/** Several objects of several entries each: the formatter gives every one of them lines of its own. */
function isTable(items: readonly Code[]): boolean {
  return (
    items.length > 1 && items.every((item) => typeof item !== "string" && "entries" in item && item.entries.length > 1)
  );
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

type Said = { readonly description?: string | undefined; readonly deprecated?: string | undefined };

/** What an author would say of it, but for what the database says by itself. */
export function documentation(said: Said, comment?: string): readonly (readonly [string, Code | undefined])[] {
  return [
    ["description", said.description === comment ? undefined : literal(said.description ?? null)],
    ["deprecated", said.deprecated === undefined ? undefined : text(said.deprecated)],
  ];
}
