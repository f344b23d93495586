/** The answers to PostgreSQL's authentication requests: password in clear, MD5, SCRAM-SHA-256 (RFC 5802, RFC 7677). */
import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { FraiseqlError } from "../../core/errors.ts";
import { message } from "./wire-messages.ts";

export type Login = {
  /**
   * @param body - an Authentication message without its header
   * @returns what to send, or undefined when nothing is to be sent
   */
  answer(body: Buffer): Buffer | undefined;
};

/** More rounds than any server is set to; a hostile one could keep us busy with them. */
const ROUNDS_MAX = 1_000_000;
const SCRAM = "SCRAM-SHA-256";

export function createLogin(user: string, password: string): Login {
  const nonce = randomBytes(18).toString("base64");
  const first = `n=*,r=${nonce}`;
  let serverSignature: Buffer | undefined;

  const proof = (serverFirst: string): Buffer => {
    const { r = "", s = "", i = "" } = attributes(serverFirst);
    const rounds = Number(i);
    if (!r.startsWith(nonce) || !(rounds > 0 && rounds <= ROUNDS_MAX))
      throw refused("its SCRAM challenge is not valid");
    const salted = pbkdf2Sync(password.normalize("NFKC"), Buffer.from(s, "base64"), rounds, 32, "sha256");
    const clientKey = hmac(salted, "Client Key");
    const withoutProof = `c=biws,r=${r}`;
    const signed = `${first},${serverFirst},${withoutProof}`;
    const signature = hmac(createHash("sha256").update(clientKey).digest(), signed);
    serverSignature = hmac(hmac(salted, "Server Key"), signed);
    const bytes = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] as number)));
    return message("p", `${withoutProof},p=${bytes.toString("base64")}`);
  };

  return {
    answer(body) {
      const kind = body.readInt32BE(0);
      const data = body.subarray(4);
      switch (kind) {
        case 0:
          return undefined;
        case 3:
          return message("p", `${password}\0`);
        case 5:
          return message("p", `md5${md5(Buffer.concat([Buffer.from(md5(password + user)), data]))}\0`);
        case 10: {
          if (!data.toString().split("\0").includes(SCRAM)) throw refused(`it does not offer ${SCRAM}`);
          const length = Buffer.alloc(4);
          length.writeInt32BE(3 + first.length);
          return message("p", Buffer.concat([Buffer.from(`${SCRAM}\0`), length, Buffer.from(`n,,${first}`)]));
        }
        case 11:
          return proof(data.toString());
        case 12: {
          const given = Buffer.from(attributes(data.toString())["v"] ?? "", "base64");
          if (serverSignature?.length !== given.length || !timingSafeEqual(serverSignature, given)) {
            throw refused("it does not know the password itself");
          }
          return undefined;
        }
        default:
          throw refused(`it asks for authentication method ${kind}, which is not supported`);
      }
    },
  };
}

function attributes(text: string): Record<string, string> {
  return Object.fromEntries(text.split(",").map((part) => [part.slice(0, 1), part.slice(2)]));
}

const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const md5 = (bytes: string | Buffer): string => createHash("md5").update(bytes).digest("hex");

function refused(why: string): FraiseqlError {
  return new FraiseqlError("DATABASE_UNAVAILABLE", `The database server cannot be trusted with the login: ${why}.`);
}
