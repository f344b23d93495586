/** Node ids: base64url of the JSON list `[type, key values as PostgreSQL prints them…]`. */
import { decodeBase64url } from "./base64url.ts";

export type NodeId = { readonly type: string; readonly key: readonly string[] };

/** The parts of a node id, or undefined where the value is not one. */
export function decodeNodeId(id: unknown): NodeId | undefined {
  const text = typeof id === "string" ? decodeBase64url(id) : undefined;
  const list = text === undefined ? undefined : parseTexts(text);
  const [type, ...key] = list ?? [];
  return typeof type === "string" && key.every((value) => typeof value === "string")
    ? { type, key: key as string[] }
    : undefined;
}

/** The list of texts and nulls a token holds, or undefined where it holds something else. */
export function parseTexts(json: string): readonly (string | null)[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) && value.every((item) => item === null || typeof item === "string") ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
