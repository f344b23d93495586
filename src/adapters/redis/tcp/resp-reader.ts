/** Replies of a Redis server (RESP2, redis.io/docs/latest/develop/reference/protocol-spec) from bytes as they come. */
import { type RedisReply, refusal } from "../redis-scripts.ts";

/** One reply may hold so many bytes: a claim's largest answer, with room. A server that sends more is none of ours. */
const REPLY_BYTES_MAX = 268_435_456;
const DEPTH_MAX = 8;
const [PLUS, MINUS, COLON, DOLLAR, STAR, RETURN] = [43, 45, 58, 36, 42, 13];

export class ProtocolBroken extends Error {}

/** Thrown inward: the reply goes on in bytes that are not here yet. */
const MORE = Symbol("more");

export class RespReader {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  /** The least length of `#bytes` with which reading can get further than the last time. */
  #needed = 1;
  readonly #encoding: "utf8" | "latin1";
  readonly #take: (reply: RedisReply) => void;

  /** @param take gets a failure where the server answered with an error */
  constructor(encoding: "utf8" | "latin1", take: (reply: RedisReply) => void) {
    this.#encoding = encoding;
    this.#take = take;
  }

  /** @throws ProtocolBroken where the bytes are no replies */
  feed(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length > REPLY_BYTES_MAX) throw new ProtocolBroken("a reply is too long");
    if (this.#bytes.length < this.#needed) return;
    let start = 0;
    try {
      while (start < this.#bytes.length) {
        this.#at = start;
        const reply = this.#reply(0);
        start = this.#at;
        this.#take(reply);
      }
      this.#needed = 1;
    } catch (error) {
      if (error !== MORE) throw error;
      this.#needed -= start;
    }
    this.#bytes = this.#bytes.subarray(start);
  }

  #reply(depth: number): RedisReply {
    const kind = this.#bytes[this.#at];
    const line = this.#line();
    switch (kind) {
      case PLUS:
        return line;
      case COLON:
        return number(line);
      case MINUS:
        return refusal(line);
      case DOLLAR:
        return this.#bulk(number(line));
      case STAR:
        return this.#array(number(line), depth);
      default:
        throw new ProtocolBroken("a reply of no known kind");
    }
  }

  /** What stands between the kind and the end of the line. */
  #line(): string {
    const end = this.#bytes.indexOf(RETURN, this.#at);
    if (end === -1 || end + 1 >= this.#bytes.length) return this.#wait(this.#bytes.length + 1);
    const text = this.#bytes.toString(this.#encoding, this.#at + 1, end);
    this.#at = end + 2;
    return text;
  }

  #bulk(length: number): string | null {
    if (length === -1) return null;
    const end = this.#at + length;
    if (length < 0 || length > REPLY_BYTES_MAX) throw new ProtocolBroken("a text of no possible length");
    if (end + 2 > this.#bytes.length) return this.#wait(end + 2);
    const text = this.#bytes.toString(this.#encoding, this.#at, end);
    this.#at = end + 2;
    return text;
  }

  #array(length: number, depth: number): RedisReply {
    if (length === -1) return null;
    if (length < 0 || length > REPLY_BYTES_MAX || depth === DEPTH_MAX)
      throw new ProtocolBroken("an array of no possible size");
    const items: RedisReply[] = [];
    for (let n = 0; n < length; n += 1) {
      items.push(this.#reply(depth + 1));
    }
    return items;
  }

  #wait(needed: number): never {
    this.#needed = needed;
    throw MORE;
  }
}

function number(line: string): number {
  if (!/^-?\d+$/.test(line)) throw new ProtocolBroken("a number that is none");
  return Number(line);
}
