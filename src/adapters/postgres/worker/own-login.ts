/**
 * The login of the driver's connections, made as this adapter makes its own. Version 3.4.9 sends the password in whatever
 * form it is asked for, on any channel, knows no channel binding, computes as many rounds as a server likes, and takes a
 * login as done that the server has not proved. So it does not know the password: it is told that the login is done.
 */
import { FraiseqlError } from "../../../core/errors.ts";
import type { Channel } from "../connection/channel.ts";
import { createLogin } from "../connection/login.ts";
import { AUTHENTICATION } from "../connection/message-types.ts";
import type { ConnectionTarget } from "../connection/url.ts";

const HEADER = 5;
/** Of one message before the login is done: no challenge and no error is longer. */
const MESSAGE_BYTES_MAX = 65_536;
const DONE = 0;

export type OwnLogin = {
  readonly target: ConnectionTarget;
  readonly channel: Channel;
  /** Takes what is for the server. */
  readonly answer: (bytes: Buffer) => void;
  /** Takes what is for the driver. */
  readonly pass: (bytes: Buffer) => void;
};

/** @returns takes what the server sends; throws FraiseqlError DATABASE_UNAVAILABLE where it is not to be trusted */
export function ownLogin({ target, channel, answer, pass }: OwnLogin): (chunk: Buffer) => void {
  const login = createLogin(target, channel);
  let held: Buffer = Buffer.alloc(0);
  let isDone = false;
  const take = (message: Buffer): void => {
    if (message[0] !== AUTHENTICATION) {
      pass(message);
      return;
    }
    const told = login.answer(message.subarray(HEADER));
    if (told) answer(told);
    isDone = message.readInt32BE(HEADER) === DONE;
    if (isDone) pass(message);
  };
  return (chunk) => {
    if (isDone) return pass(chunk);
    held = Buffer.concat([held, chunk]);
    while (!isDone && held.length >= HEADER) {
      const length = 1 + held.readUInt32BE(1);
      if (length > MESSAGE_BYTES_MAX) throw tooLong();
      if (held.length < length) return;
      const message = held.subarray(0, length);
      held = held.subarray(length);
      take(message);
    }
    if (isDone && held.length > 0) pass(held);
  };
}

function tooLong(): FraiseqlError {
  return new FraiseqlError("DATABASE_UNAVAILABLE", "The database server's answer to the login is too long to be one.");
}
