/** The answers to PostgreSQL's authentication requests: password in clear, MD5, SCRAM-SHA-256 with channel binding. */
import { Buffer } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import { FraiseqlError } from "../../../core/errors.ts";
import type { Channel } from "./channel.ts";
import { type ChannelBinding, createScram, type Scram } from "./scram.ts";
import type { ConnectionTarget } from "./url.ts";
import { message } from "./wire-messages.ts";

export type Login = {
  /**
   * @param body - an Authentication message without its header
   * @returns what to send, or undefined when nothing is to be sent
   * @throws FraiseqlError DATABASE_UNAVAILABLE when the server is not to be trusted with an answer
   */
  answer(body: Buffer): Buffer | undefined;
};

const SCRAM = "SCRAM-SHA-256";
const SCRAM_PLUS = "SCRAM-SHA-256-PLUS";

export function createLogin(target: ConnectionTarget, channel: Channel): Login {
  const { user, password, channelBinding = "prefer" } = target;
  const endPoint = channelBinding === "disable" ? undefined : channel.endPoint;
  let scram: Scram | undefined;
  let isBound = false;

  const start = (offered: readonly string[]): Buffer => {
    isBound = endPoint !== undefined && offered.includes(SCRAM_PLUS);
    mustBeBound();
    if (!isBound && !offered.includes(SCRAM)) throw refused(`it does not offer ${SCRAM}`);
    scram = createScram(password, randomBytes(18).toString("base64"), bindingOf(endPoint, isBound));
    const length = Buffer.alloc(4);
    length.writeInt32BE(scram.first.length);
    const name = Buffer.from(`${isBound ? SCRAM_PLUS : SCRAM}\0`);
    return message("p", Buffer.concat([name, length, Buffer.from(scram.first)]));
  };
  const going = (): Scram => {
    if (!scram) throw refused("its SCRAM messages are out of order");
    return scram;
  };
  const mustBeBound = (): void => {
    if (channelBinding !== "require" || isBound) return;
    throw refused("channel binding is required, and that takes TLS and a login by SCRAM-SHA-256-PLUS");
  };
  const mustBePrivate = (): void => {
    mustBeBound();
    if (!channel.isPrivate) {
      throw refused("it asks for the password in clear or as MD5, on a connection without TLS; use SCRAM or TLS");
    }
  };
  const done = (): undefined => {
    mustBeBound();
    if (scram && !scram.isVerified()) throw refused("it ends the login without its own proof");
  };

  const step = (body: Buffer): Buffer | undefined => {
    const kind = body.readInt32BE(0);
    const data = body.subarray(4);
    switch (kind) {
      case 0:
        return done();
      case 3:
        mustBePrivate();
        return message("p", `${password}\0`);
      case 5:
        mustBePrivate();
        return message("p", `md5${md5(Buffer.concat([Buffer.from(md5(password + user)), data]))}\0`);
      case 10:
        return start(data.toString().split("\0"));
      case 11:
        return message("p", going().prove(data.toString()));
      case 12:
        going().verify(data.toString());
        return undefined;
      default:
        throw refused(`it asks for authentication method ${kind}, which is not supported`);
    }
  };
  return {
    answer(body) {
      try {
        return step(body);
      } catch (error) {
        throw error instanceof FraiseqlError ? error : refused(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

function bindingOf(endPoint: Buffer | undefined, isBound: boolean): ChannelBinding {
  if (endPoint === undefined) return { kind: "none" };
  return isBound ? { kind: "bound", endPoint } : { kind: "not-offered" };
}

const md5 = (bytes: string | Buffer): string => createHash("md5").update(bytes).digest("hex");

function refused(why: string): FraiseqlError {
  return new FraiseqlError("DATABASE_UNAVAILABLE", `The database server cannot be trusted with the login: ${why}.`);
}
