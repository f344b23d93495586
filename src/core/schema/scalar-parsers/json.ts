/** JSON values, given as a variable or written in the document, to JSON text that `jsonb` accepts. */
import { Kind, type ValueNode } from "graphql";

const NESTING_MAX = 100;

/** JSON text of a variable's value. */
export function parseJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError("Expected a JSON value.");
  return checkText(text);
}

/** JSON text of a literal; numbers keep every digit that was written. */
export function parseJsonLiteral(node: ValueNode): string {
  return checkText(literalText(node, 0));
}

function literalText(node: ValueNode, depth: number): string {
  if (depth > NESTING_MAX) throw new TypeError(`JSON is nested deeper than ${NESTING_MAX}.`);
  switch (node.kind) {
    case Kind.VARIABLE:
      throw new TypeError(
        "A JSON value is either one variable or has none inside; pass the whole value as a variable.",
      );
    case Kind.NULL:
      return "null";
    case Kind.BOOLEAN:
      return String(node.value);
    case Kind.INT:
    case Kind.FLOAT:
      return node.value;
    case Kind.STRING:
    case Kind.ENUM:
      return JSON.stringify(node.value);
    case Kind.LIST:
      return `[${node.values.map((each) => literalText(each, depth + 1)).join(",")}]`;
    case Kind.OBJECT:
      return `{${node.fields
        .map((field) => `${JSON.stringify(field.name.value)}:${literalText(field.value, depth + 1)}`)
        .join(",")}}`;
  }
}

/** `jsonb` holds neither U+0000 nor half a surrogate pair; JSON.stringify writes both as escapes. */
function checkText(text: string): string {
  // Without the escaped backslashes, every backslash begins an escape.
  if (text.includes("\\u") && /\\u(?:0000|d[89a-f])/i.test(text.replaceAll("\\\\", ""))) {
    throw new TypeError("PostgreSQL's JSON cannot hold the character U+0000 or half of a surrogate pair.");
  }
  return text;
}
