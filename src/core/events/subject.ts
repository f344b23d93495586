/** Where an event stands on the bus: `fql.ev.<shard>.<org>.<entity>.<op>`, each token safe for NATS. */
import { encodeUtf8 } from "../columnar/utf8.ts";
import type { ChangeEvent } from "./change-event.ts";

export const SHARDS = 16;
export const EVENT_SUBJECTS = "fql.ev.>";

/**
 * The shard of an event, 0 to 15. All rows of an org are in one shard, and where there are no orgs all rows of a table:
 * so the events of one row never are in two.
 */
export function shardOf({ org, table }: Pick<ChangeEvent, "org" | "table">): number {
  // FNV-1a, 32 bit: http://www.isthe.com/chongo/tech/comp/fnv/#FNV-1a
  let hash = 0x811c9dc5;
  for (const byte of encodeUtf8(org ?? table)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % SHARDS;
}

/** Where an event is published: its shard, org, table and operation. */
export function subjectOf(event: Pick<ChangeEvent, "org" | "table" | "operation">): string {
  return `fql.ev.${shardOf(event)}.${token(event.org ?? "")}.${token(event.table)}.${event.operation}`;
}

/** The shard that a subject names. */
export function shardOfSubject(subject: string): number {
  return Number(subject.split(".", 3)[2]);
}

/** The subjects of one shard. */
export function shardSubjects(shard: number): string {
  return `fql.ev.${shard}.>`;
}

/** Letters, digits, `-` and `_` stay; every other byte is `=` and two hex digits; nothing at all is `=`. */
function token(text: string): string {
  if (text === "") return "=";
  let out = "";
  for (const byte of encodeUtf8(text)) {
    const char = String.fromCharCode(byte);
    out += /[A-Za-z0-9_-]/.test(char) ? char : `=${byte.toString(16).padStart(2, "0")}`;
  }
  return out;
}
