import type { ResponseError } from "../../core/errors.ts";

const encoder = new TextEncoder();

/** A response out of JSON that is finished already, field by field; its bytes are copied once. */
export function joinedBody(
  fields: readonly { readonly key: string; readonly json: string | Uint8Array }[],
  errors: readonly ResponseError[],
): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  let text = '{"data":{';
  const add = (bytes: Uint8Array): void => {
    parts.push(bytes);
    length += bytes.byteLength;
  };
  for (const [index, { key, json }] of fields.entries()) {
    text += `${index === 0 ? "" : ","}"${key}":`;
    if (typeof json === "string") {
      text += json;
      continue;
    }
    add(encoder.encode(text));
    add(json);
    text = "";
  }
  add(encoder.encode(text + (errors.length > 0 ? `},"errors":${JSON.stringify(errors)}}` : "}}")));
  const body = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.byteLength;
  }
  return body;
}
