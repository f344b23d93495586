/**
 * The client's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS. RFC 5802 (the exchange), RFC 7677 (with SHA-256).
 *
 * PostgreSQL takes the user from the startup message and looks at none in here.
 */
import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";

/** What the client says of the channel below, RFC 5802 section 6. */
export type ChannelBinding =
  /** The hash of the server's certificate, for a server that offers `-PLUS`. */
  | { readonly kind: "bound"; readonly endPoint: Buffer }
  /** We could have bound, but the server does not offer it: one that does will notice that its offer was removed. */
  | { readonly kind: "not-offered" }
  | { readonly kind: "none" };

export type Scram = {
  /** client-first-message */
  readonly first: string;
  /**
   * @param serverFirst - server-first-message
   * @returns client-final-message
   */
  prove(serverFirst: string): string;
  /** @param serverFinal - server-final-message; thrown at when its sender does not know the password either */
  verify(serverFinal: string): void;
  isVerified(): boolean;
};

/** More rounds than any server is set to; a hostile one could keep us busy with them. */
const ROUNDS_MAX = 1_000_000;

/** @param nonce - random printable ASCII without commas, at least 18 bytes of entropy */
export function createScram(password: string, nonce: string, binding: ChannelBinding): Scram {
  const header = headerOf(binding);
  const bare = `n=*,r=${nonce}`;
  let expected: Buffer | undefined;
  let isVerified = false;
  return {
    first: `${header}${bare}`,
    prove(serverFirst) {
      const { combined, salt, rounds } = readChallenge(serverFirst, nonce);
      const salted = pbkdf2Sync(password.normalize("NFKC"), salt, rounds, 32, "sha256");
      const clientKey = hmac(salted, "Client Key");
      const withoutProof = `c=${channelData(header, binding)},r=${combined}`;
      const signed = `${bare},${serverFirst},${withoutProof}`;
      const signature = hmac(createHash("sha256").update(clientKey).digest(), signed);
      expected = hmac(hmac(salted, "Server Key"), signed);
      const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] as number)));
      return `${withoutProof},p=${proof.toString("base64")}`;
    },
    verify(serverFinal) {
      const given = Buffer.from(/^v=([^,]*)/.exec(serverFinal)?.[1] ?? "", "base64");
      if (expected?.length !== given.length || !timingSafeEqual(expected, given)) {
        throw new Error("it does not know the password itself");
      }
      isVerified = true;
    },
    isVerified: () => isVerified,
  };
}

function headerOf(binding: ChannelBinding): string {
  if (binding.kind === "bound") return "p=tls-server-end-point,,";
  return binding.kind === "not-offered" ? "y,," : "n,,";
}

function channelData(header: string, binding: ChannelBinding): string {
  const bytes = Buffer.from(header);
  return (binding.kind === "bound" ? Buffer.concat([bytes, binding.endPoint]) : bytes).toString("base64");
}

function readChallenge(serverFirst: string, nonce: string) {
  const [, combined = "", salt = "", count = ""] = /^r=([^,]+),s=([^,]+),i=(\d{1,9})(?:,|$)/.exec(serverFirst) ?? [];
  const rounds = Number(count);
  const isOurs = combined.startsWith(nonce) && combined.length > nonce.length;
  if (!isOurs || rounds < 1 || rounds > ROUNDS_MAX) throw new Error("its SCRAM challenge is not valid");
  return { combined, salt: Buffer.from(salt, "base64"), rounds };
}

const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
