import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FraiseqlError } from "../../core/errors.ts";
import { startTimeOf } from "./process-identity.ts";

/** Exclusive use of a directory by one living process. */
export type Claim = { release(): Promise<void> };

/**
 * Takes a directory for this process. A claim of a process that is gone, however it ended, counts for nothing.
 *
 * @throws FraiseqlError `CONFIG_INVALID` when a living process has it.
 */
export async function claimDirectory(directory: string): Promise<Claim> {
  const path = join(directory, "claim");
  const mine = `${process.pid} ${startTimeOf(process.pid)}\n`;
  const draft = join(directory, `claim.${process.pid}`);
  // Made anew, so that no link somebody put there is followed.
  await rm(draft, { force: true });
  await writeFile(draft, mine, { flag: "wx" });
  try {
    while (!(await linked(draft, path))) await removeIfStale(path, directory);
  } finally {
    await rm(draft, { force: true });
  }
  return { release: () => rm(path, { force: true }) };
}

/** A hard link is made whole or not at all: no reader sees half a claim, no two processes both get it. */
async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function removeIfStale(path: string, directory: string): Promise<void> {
  const seen = await contentOf(path);
  if (seen === undefined) return;
  refuseIfAlive(seen, directory);
  const aside = `${path}.stale.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  // Between looking and moving, another process may have put its own claim there: then it goes back.
  const moved = await contentOf(aside);
  if (moved !== undefined && moved !== seen) await linked(aside, path);
  await rm(aside, { force: true });
  if (moved !== undefined && moved !== seen) refuseIfAlive(moved, directory);
}

function refuseIfAlive(content: string, directory: string): void {
  const [pid = "", startTime] = content.trim().split(/ (.*)/);
  if (startTimeOf(Number(pid)) !== startTime) return;
  throw new FraiseqlError(
    "CONFIG_INVALID",
    `Another FraiseQL (process ${pid}) is using ${directory}. Use that one, or stop it with: kill ${pid}`,
    { details: { pid: Number(pid) } },
  );
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
