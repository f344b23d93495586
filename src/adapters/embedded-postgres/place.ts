import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { chmod, lstat, mkdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { FraiseqlError } from "../../core/errors.ts";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";

/** Kept over a restart of the machine, unlike /tmp, and open to every account. */
const OUTSIDE = "/var/tmp";

/** Where a cluster lies, and the programs to run it with. */
export type Place = { readonly directory: string; readonly binaries: Binaries };

/**
 * A checkout below a folder that is closed to others, such as /root, is out of reach for the account that PostgreSQL has
 * to run as. Then the cluster and a copy of the programs go to a folder outside, and the directory is a link to it:
 * whoever removes the link gets a new cluster, as if it lay there.
 */
export async function placeFor(directory: string, binaries: Binaries, account: Account): Promise<Place> {
  if (account === undefined) return { directory, binaries };
  const dataInReach = isOpen(dirname(directory), account);
  if (dataInReach && isOpen(binaries.postgres, account)) return { directory, binaries };
  const outside = join(OUTSIDE, `fraiseql-${createHash("sha256").update(directory).digest("hex").slice(0, 16)}`);
  const cluster = join(outside, "postgres");
  // Before anything in it is touched: root must not remove files in a folder that somebody else can change meanwhile.
  await ownFolder(outside);
  if (!dataInReach && (await linkOf(directory)) !== cluster) {
    await rm(outside, { recursive: true });
    await ownFolder(outside);
  }
  const native = await copyPrograms(binaries, outside);
  const bin = join(native, "bin");
  const copied = { native, initdb: join(bin, "initdb"), postgres: join(bin, "postgres") };
  if (dataInReach) return { directory, binaries: copied };
  if ((await linkOf(directory)) === undefined) {
    await mkdir(dirname(directory), { recursive: true });
    await symlink(cluster, directory);
  }
  return { directory: cluster, binaries: copied };
}

/** Whether the account may enter every folder on the way, and use what is at its end. Folders still to be made count as open. */
function isOpen(path: string, { uid, gid }: NonNullable<Account>): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  const shift = stat?.uid === uid ? 6 : stat?.gid === gid ? 3 : 0;
  const open = stat === undefined || ((stat.mode >> shift) & 0o1) === 0o1;
  return open && (dirname(path) === path || isOpen(dirname(path), { uid, gid }));
}

async function linkOf(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined);
}

/** Anybody may have put something of that name into /var/tmp first: only a real folder of root's is used. */
async function ownFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o711 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const stat = await lstat(path);
  if (!stat.isDirectory() || stat.uid !== 0) {
    throw new FraiseqlError(
      "CONFIG_INVALID",
      `${path} is in the way and is not root's. Remove it, or do not start as root.`,
    );
  }
  await chmod(path, 0o711);
}

async function copyPrograms(binaries: Binaries, outside: string): Promise<string> {
  const built = statSync(binaries.postgres);
  const copy = join(outside, `programs-${built.size}-${Math.floor(built.mtimeMs)}`);
  if (statSync(copy, { throwIfNoEntry: false })) return copy;
  const draft = join(outside, `${basename(copy)}.${process.pid}`);
  const run = promisify(execFile);
  await run("cp", ["-R", "-P", binaries.native, draft]);
  await run("chmod", ["-R", "go+rX", draft]);
  await rename(draft, copy);
  return copy;
}
