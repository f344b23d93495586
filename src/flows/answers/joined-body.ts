import type { ResponseError } from "../../core/errors.ts";

const encoder = new TextEncoder();
const OPEN = encoder.encode('{"data":{');
const CLOSE = encoder.encode("}}");

/** A response out of JSON that is finished already, field by field; its bytes are copied once. */
export function joinedBody(
  fields: readonly { readonly key: string; readonly json: string | Uint8Array }[],
  errors: readonly ResponseError[],
): Uint8Array {
  const end = errors.length > 0 ? encoder.encode(`},"errors":${JSON.stringify(errors)}}`) : CLOSE;
  let length = OPEN.length + end.length;
  const parts = fields.map(({ key, json }, index) => {
    const name = `${index === 0 ? "" : ","}"${key}":`;
    const value = typeof json === "string" ? encoder.encode(json) : json;
    length += name.length + value.length;
    return { name, value };
  });
  const body = new Uint8Array(length);
  body.set(OPEN);
  let at = OPEN.length;
  for (const { name, value } of parts) {
    // Names of GraphQL are ASCII.
    for (let place = 0; place < name.length; place += 1) body[at + place] = name.charCodeAt(place);
    at += name.length;
    body.set(value, at);
    at += value.length;
  }
  body.set(end, at);
  return body;
}
