import type { ResponseError } from "../../core/errors.ts";

const encoder = new TextEncoder();

/** A response out of JSON that is finished already, field by field; its bytes are copied once. */
export function joinedBody(
  fields: readonly { readonly key: string; readonly json: string | Uint8Array }[],
  errors: readonly ResponseError[],
): Uint8Array {
  const parts: Uint8Array[] = [];
  const add = (part: string | Uint8Array) => parts.push(typeof part === "string" ? encoder.encode(part) : part);
  add('{"data":{');
  fields.forEach(({ key, json }, index) => {
    add(`${index === 0 ? "" : ","}${JSON.stringify(key)}:`);
    add(json);
  });
  add(errors.length > 0 ? `},"errors":${JSON.stringify(errors)}}` : "}}");
  const body = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.byteLength;
  }
  return body;
}
