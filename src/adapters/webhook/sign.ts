/** Signatures of Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
import { createHmac } from "node:crypto";

const PREFIX = "whsec_";
const KEY_BYTES = { min: 24, max: 64 } as const;

/** The bytes of a key `whsec_` and Base64; undefined when it is none, or not of 24 to 64 bytes. */
export function readKey(key: string): Uint8Array | undefined {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(key)) return undefined;
  const bytes = Buffer.from(key.slice(PREFIX.length), "base64");
  return bytes.length >= KEY_BYTES.min && bytes.length <= KEY_BYTES.max ? bytes : undefined;
}

/**
 * The headers by which a receiver knows who sent the body and when: one signature per key, so that a receiver can change
 * from one key to the next without a gap.
 *
 * @param id the same at each attempt
 * @param timestamp seconds since 1970, of the attempt
 */
export function signatureHeaders(
  id: string,
  timestamp: number,
  body: string,
  keys: readonly Uint8Array[],
): Record<string, string> {
  const signatures = keys.map((key) => {
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    return `v1,${signature}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    ...(signatures.length === 0 ? {} : { "webhook-signature": signatures.join(" ") }),
  };
}

/** The id as a header has it: visible ASCII and without `.`, which divides what is signed. */
export function headerId(id: string): string {
  return encodeURIComponent(id).replaceAll("%3A", ":").replaceAll("%40", "@").replaceAll(".", "%2E");
}
