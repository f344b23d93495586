/** Lays out SQL and JSON over lines, for people to read. Only white space changes: every token stays as it was. */

const WIDTH = 110;

/** One clause per line; a select inside another stands deeper. */
export function layOutSql(text: string): string {
  const tokens = text.match(/E?'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|[()]|\s+|[^\s()'"]+/g) ?? [];
  const selects: boolean[] = [];
  let out = "";
  const depth = (): number => selects.filter(Boolean).length;
  const startLine = (): void => {
    out = `${out.trimEnd()}\n${"  ".repeat(depth())}`;
  };
  tokens.forEach((token, index) => {
    if (token === "(") {
      const opensSelect = tokens[index + 1] === "select";
      selects.push(opensSelect);
      if (opensSelect) startLine();
      out += token;
      return;
    }
    if (token === ")") selects.pop();
    const inSelect = selects.at(-1) ?? true;
    if (inSelect && startsClause(token, tokens[index + 2])) startLine();
    out += token;
  });
  return out;
}

const CLAUSES = new Set(["from", "where", "having", "limit", "offset", "union"]);

function startsClause(token: string, next: string | undefined): boolean {
  if (CLAUSES.has(token)) return !(token === "from" && next === undefined);
  if (token === "order" || token === "group") return next === "by";
  return token === "left" && next === "join";
}

type Json =
  | { readonly open: string; readonly members: readonly { readonly key: string; readonly value: Json }[] }
  | string;

/** A value on one line where it fits, its members on lines of their own where it does not. */
export function layOutJson(text: string): string {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g) ?? [];
  let position = 0;
  const next = (): string => tokens[position++] ?? "";
  const read = (): Json => {
    const open = next();
    if (open !== "{" && open !== "[") return open;
    const members: { key: string; value: Json }[] = [];
    while (tokens[position] !== "}" && tokens[position] !== "]" && position < tokens.length) {
      const key = open === "{" ? `${next()}${next()} ` : "";
      members.push({ key, value: read() });
      if (tokens[position] === ",") position += 1;
    }
    position += 1;
    return { open, members };
  };
  return jsonLines(read(), "");
}

function jsonLines(value: Json, indent: string): string {
  const flat = oneLine(value);
  if (typeof value === "string" || indent.length + flat.length <= WIDTH) return flat;
  const inner = `${indent}  `;
  const members = value.members.map((member) => `${inner}${member.key}${jsonLines(member.value, inner)}`);
  return `${value.open}\n${members.join(",\n")}\n${indent}${value.open === "{" ? "}" : "]"}`;
}

function oneLine(value: Json): string {
  if (typeof value === "string") return value;
  const members = value.members.map((member) => member.key + oneLine(member.value)).join(", ");
  return value.open === "{" ? (members === "" ? "{}" : `{ ${members} }`) : `[${members}]`;
}
