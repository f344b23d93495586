import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** The system account PostgreSQL runs as; undefined means: as this process does. */
export type Account = { readonly uid: number; readonly gid: number } | undefined;

/** The account every Unix has for programs that own nothing. */
const NOBODY = process.platform === "darwin" ? { uid: 4294967294, gid: 4294967294 } : { uid: 65534, gid: 65534 };

/**
 * PostgreSQL refuses to run as root. A root process gives it the account that owns the directory (so that its owner can
 * start it later without root), or else the one that owns nothing.
 */
export function accountFor(directory: string): Account {
  if (process.getuid?.() !== 0) return undefined;
  const owner = ownerOf(directory);
  return owner.uid !== 0 && isKnown(owner.uid) ? owner : NOBODY;
}

function ownerOf(directory: string): { uid: number; gid: number } {
  const stat = statSync(directory, { throwIfNoEntry: false });
  return stat ?? ownerOf(dirname(directory));
}

/** `initdb` looks its user up by id and fails for one without an entry, as bind mounts in containers have. */
function isKnown(uid: number): boolean {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .some((line) => line.split(":")[2] === String(uid));
}
