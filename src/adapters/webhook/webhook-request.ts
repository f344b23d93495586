/** From the options of a rule and one event to what is sent. */
import { eventPayload } from "../../core/events/event-payload.ts";
import { writeExactJson } from "../../core/events/exact-json.ts";
import { fillSecrets } from "../../core/secrets/secret-reference.ts";
import type { ActionInput } from "../../ports/action.ts";
import type { Secrets } from "../../ports/secrets.ts";
import { headerId, readKey, signatureHeaders } from "./sign.ts";
import type { WebhookOptions } from "./webhook-options.ts";

export type WebhookRequest = {
  readonly address: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** To be shown of the address: all of it, or its beginning if it is a secret. */
  readonly shownAddress: string;
  readonly secrets: readonly string[];
};

const BODY_BYTES_MAX = 1_048_576;

/** The request cannot be made of these options and this event, and never will. */
export class NoRequest extends Error {}

/**
 * @param now milliseconds since 1970
 * @throws NoRequest when a value does not fit its place
 * @throws FraiseqlError SECRET_UNAVAILABLE
 */
export async function makeRequest(
  options: WebhookOptions,
  input: ActionInput,
  secrets: Secrets,
  now: number,
): Promise<WebhookRequest> {
  const used: string[] = [];
  const fill = async (text: string) => {
    const filled = await fillSecrets(text, secrets.read);
    used.push(...filled.secrets);
    return filled.text;
  };
  const address = options.urlFrom === undefined ? (options.url ?? "") : await fill(options.urlFrom);
  if (options.urlFrom !== undefined) used.push(...partsOf(address));
  const keys: Uint8Array[] = [];
  for (const reference of options.signingKeys ?? []) {
    const key = readKey(await fill(reference));
    if (key === undefined)
      throw new NoRequest(`${reference} is not a key: expected whsec_ and 24 to 64 bytes as Base64.`);
    keys.push(key);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = value;
  for (const [name, value] of Object.entries(options.secretHeaders ?? {}))
    headers[name.toLowerCase()] = await fill(value);
  for (const [name, value] of Object.entries(headers)) checkHeader(name, value);
  const body = bodyOf(options, input);
  const id = headerId(input.id);
  return {
    address,
    method: options.method,
    headers: {
      "user-agent": "FraiseQL",
      accept: "*/*",
      "accept-encoding": "identity",
      ...headers,
      "content-type": options.contentType ?? "application/json",
      "idempotency-key": id,
      ...signatureHeaders(id, Math.floor(now / 1_000), body, keys),
      ...(input.traceparent === null ? {} : { traceparent: input.traceparent }),
    },
    body,
    shownAddress: options.urlFrom ?? address,
    secrets: used,
  };
}

/** A receiver that refuses a call names its path, or what of it was wrong. */
const TELLING_LENGTH = 8;

/** What of a secret address tells enough of it to be a secret too: its host, its path, and the longer parts of that. */
function partsOf(address: string): readonly string[] {
  if (!URL.canParse(address)) return [];
  const { host, hostname, pathname, search, searchParams } = new URL(address);
  const parts = [...pathname.split("/"), ...searchParams.values()].filter((part) => part.length >= TELLING_LENGTH);
  const written = [host, hostname, ...(pathname === "/" ? [] : [pathname + search, pathname]), ...parts];
  return [...written, ...written.map(decoded)];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A line end in a value would begin another header; and runtimes do not agree on the bytes of what is not ASCII. */
function checkHeader(name: string, value: string): void {
  if (!/^[\t\x20-\x7e]*$/.test(value)) {
    throw new NoRequest(`The header ${name} would hold a character that no header may hold.`);
  }
}

function bodyOf({ body, text }: WebhookOptions, { event }: ActionInput): string {
  const made = text ?? body ?? eventBody(event);
  if (Buffer.byteLength(made) > BODY_BYTES_MAX) throw new NoRequest(`The body is larger than ${BODY_BYTES_MAX} bytes.`);
  if (body !== undefined) checkJson(body);
  return made;
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#payload-structure */
function eventBody(event: ActionInput["event"]): string {
  return writeExactJson({
    type: `${event.table}.${event.operation}`,
    timestamp: event.occurredAt,
    data: eventPayload(event),
  });
}

function checkJson(body: string): void {
  try {
    JSON.parse(body);
  } catch {
    throw new NoRequest("The body is not JSON with the values of this event in it.");
  }
}
