/**
 * The channel binding `tls-server-end-point`, RFC 5929 section 4.1: a hash of the server's certificate, with the hash
 * function its signature was made with, but SHA-256 in place of MD5 and SHA-1.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

/** Contents of an object identifier in hex, to the hash to use. RFC 8017, RFC 5758. */
const SIGNATURES: Readonly<Record<string, string>> = {
  "2a864886f70d010104": "sha256", // md5WithRSAEncryption
  "2a864886f70d010105": "sha256", // sha1WithRSAEncryption
  "2a864886f70d01010e": "sha224",
  "2a864886f70d01010b": "sha256",
  "2a864886f70d01010c": "sha384",
  "2a864886f70d01010d": "sha512",
  "2a8648ce3d0401": "sha256", // ecdsa-with-SHA1
  "2a8648ce3d040301": "sha224",
  "2a8648ce3d040302": "sha256",
  "2a8648ce3d040303": "sha384",
  "2a8648ce3d040304": "sha512",
};
const RSASSA_PSS = "2a864886f70d01010a";
const HASHES: Readonly<Record<string, string>> = {
  "2b0e03021a": "sha256", // SHA-1, which is also what PSS means without a parameter
  "608648016503040204": "sha224",
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
  "608648016503040203": "sha512",
};

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;
const HASH_ALGORITHM = 0xa0;

/**
 * @param certificate - X.509 in DER
 * @returns undefined where RFC 5929 defines nothing: signatures without one hash function, as Ed25519
 */
export function certificateHash(certificate: Buffer): Buffer | undefined {
  const hash = hashOf(certificate);
  return hash === undefined ? undefined : createHash(hash).update(certificate).digest();
}

/** Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OID, parameters }, signature } */
function hashOf(certificate: Buffer): string | undefined {
  const [, algorithm] = elements(elements(certificate)[0]?.content);
  const [identifier, parameters] = elements(algorithm?.content);
  if (algorithm?.tag !== SEQUENCE || identifier?.tag !== OBJECT_IDENTIFIER) return undefined;
  const name = identifier.content.toString("hex");
  if (name !== RSASSA_PSS) return SIGNATURES[name];
  const chosen = elements(parameters?.content).find(({ tag }) => tag === HASH_ALGORITHM);
  if (!chosen) return "sha256";
  const [hash] = elements(elements(chosen.content)[0]?.content);
  return hash && HASHES[hash.content.toString("hex")];
}

type Element = { readonly tag: number; readonly content: Buffer };

/** The elements that lie side by side in `der`; it ends at the first that is not whole. */
function elements(der: Buffer = Buffer.alloc(0)): readonly Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at + 2 <= der.length) {
    const tag = der[at] as number;
    const first = der[at + 1] as number;
    // From 128 on the byte counts the bytes of the length.
    const width = first < 0x80 ? 0 : first & 0x7f;
    if (width > 4 || at + 2 + width > der.length) break;
    const start = at + 2 + width;
    const end = start + (width === 0 ? first : der.readUIntBE(at + 2, width));
    if (end > der.length) break;
    found.push({ tag, content: der.subarray(start, end) });
    at = end;
  }
  return found;
}
