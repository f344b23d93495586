/**
 * Replies of a Redis server (RESP2, redis.io/docs/latest/develop/reference/protocol-spec) from bytes as they come. However a
 * reply is cut, no byte of it is looked at again and again; one that is too long is read to its end and not held.
 */
import { type RedisReply, refusal } from "../redis-scripts.ts";

/** Bytes that replies may have: those that share a room, together. */
export type ReplyRoom = { left: number; readonly max: number };

/** Redis has no longer text, and no array of more. */
const LENGTH_MAX = 536_870_912;
/** Of a line: a number, or what a status or an error says. */
const LINE_MAX = 65_536;
const DEPTH_MAX = 8;
const [PLUS, MINUS, COLON, DOLLAR, STAR, RETURN] = [43, 45, 58, 36, 42, 13];

export class ProtocolBroken extends Error {}

/** Instead of a reply: it goes on in bytes that are not here yet; an array begins. */
const MORE = Symbol("more");
const OPENED = Symbol("opened");

export class RespReader {
  /** What is not read yet, in the pieces it came in, until there are as many bytes as it takes to get further. */
  #pieces: Buffer[] = [];
  #held = 0;
  #needed = 1;
  /** Bytes still to come of a text that is not held. */
  #passedOver = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Arrays that are not whole yet, the outermost first. */
  readonly #arrays: { readonly items: RedisReply[]; left: number }[] = [];
  #room: ReplyRoom | undefined;
  #isTooLong = false;
  readonly #encoding: "utf8" | "latin1";
  readonly #take: (reply: RedisReply) => void;
  readonly #roomOf: () => ReplyRoom;

  /**
   * @param take gets a failure where the server answered with an error, or with more than there was room for
   * @param roomOf gives the room of the reply that begins
   */
  constructor(encoding: "utf8" | "latin1", take: (reply: RedisReply) => void, roomOf: () => ReplyRoom) {
    this.#encoding = encoding;
    this.#take = take;
    this.#roomOf = roomOf;
  }

  /** @throws ProtocolBroken where the bytes are no replies */
  feed(chunk: Buffer): void {
    const over = Math.min(this.#passedOver, chunk.length);
    this.#passedOver -= over;
    this.#pieces.push(chunk.subarray(over));
    this.#held += chunk.length - over;
    if (this.#held < this.#needed) return;
    this.#bytes = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    this.#at = 0;
    this.#needed = 1;
    for (let start = 0; start < this.#bytes.length; start = this.#at) {
      const part = this.#part(start);
      if (part === MORE) {
        this.#needed -= start;
        this.#at = start;
        break;
      }
      if (part !== OPENED) this.#put(part);
    }
    this.#passedOver = Math.max(0, this.#at - this.#bytes.length);
    const rest = this.#bytes.subarray(this.#at);
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#held = rest.length;
  }

  #part(start: number): RedisReply | typeof MORE | typeof OPENED {
    this.#room ??= this.#roomOf();
    const kind = this.#bytes[start];
    const end = this.#bytes.indexOf(RETURN, start);
    if (end === -1 || end + 1 >= this.#bytes.length) {
      if (this.#bytes.length - start > LINE_MAX) throw new ProtocolBroken("a line that is too long");
      return this.#wait(this.#bytes.length + 1);
    }
    const line = this.#bytes.toString(this.#encoding, start + 1, end);
    this.#at = end + 2;
    if (kind === DOLLAR) return this.#text(number(line), this.#room, start);
    this.#charge(this.#room, start);
    if (kind === PLUS) return line;
    if (kind === COLON) return number(line);
    if (kind === MINUS) return refusal(line);
    if (kind === STAR) return this.#array(number(line));
    throw new ProtocolBroken("a reply of no known kind");
  }

  #text(length: number, room: ReplyRoom, start: number): string | null | typeof MORE {
    if (length === -1) return null;
    if (length < 0 || length > LENGTH_MAX) throw new ProtocolBroken("a text of no possible length");
    const [begin, end] = [this.#at, this.#at + length];
    if (length > room.left) this.#isTooLong = true;
    if (!this.#isTooLong && end + 2 > this.#bytes.length) return this.#wait(end + 2);
    this.#at = end + 2;
    if (this.#isTooLong) return null;
    this.#charge(room, start);
    return this.#bytes.toString(this.#encoding, begin, end);
  }

  #array(length: number): null | readonly RedisReply[] | typeof OPENED {
    if (length === -1) return null;
    if (length < 0 || length > LENGTH_MAX || this.#arrays.length === DEPTH_MAX)
      throw new ProtocolBroken("an array of no possible size");
    if (length === 0) return [];
    this.#arrays.push({ items: [], left: length });
    return OPENED;
  }

  #charge(room: ReplyRoom, start: number): void {
    if (!this.#isTooLong) room.left -= this.#at - start;
    if (room.left < 0) this.#isTooLong = true;
  }

  /** Where it belongs: to the array that is open, with all that ends with it, or to who asked. */
  #put(part: RedisReply): void {
    let reply = part;
    for (let array = this.#arrays.at(-1); array; array = this.#arrays.at(-1)) {
      if (!this.#isTooLong) array.items.push(reply);
      array.left -= 1;
      if (array.left > 0) return;
      this.#arrays.pop();
      reply = array.items;
    }
    if (this.#isTooLong) reply = refusal(`ERR answers of more than ${this.#room?.max} bytes are not held`);
    this.#room = undefined;
    this.#isTooLong = false;
    this.#take(reply);
  }

  #wait(needed: number): typeof MORE {
    this.#needed = needed;
    return MORE;
  }
}

function number(line: string): number {
  if (!/^-?\d+$/.test(line)) throw new ProtocolBroken("a number that is none");
  return Number(line);
}
