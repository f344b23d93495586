/** A file system of a few megabytes of its own, for what happens when a disk is full. Only root may mount one. */
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { linesOf } from "./lines-of.ts";

export type SmallDisk = {
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  /** What uses it has to have ended. */
  unmount(): Promise<void>;
};

/** What `mount` said: not everybody may. */
export class MountRefused extends Error {}

/** It goes with this process, however that ends: the shell then reads the end of its input. */
const MOUNTED = `trap "" INT TERM
mount -t tmpfs -o "size=$1,mode=755" chaos "$2" || exit
echo mounted
read -r line
umount "$2" || umount -l "$2"`;

/**
 * Mounts it on the directory, which is made if it is missing.
 *
 * @throws MountRefused
 */
export async function mountSmallDisk(directory: string, megabytes: number): Promise<SmallDisk> {
  await mkdir(directory, { recursive: true });
  const shell = Bun.spawn(["sh", "-c", MOUNTED, "sh", `${megabytes}m`, directory], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  const { value } = await linesOf(shell.stdout)[Symbol.asyncIterator]().next();
  if (value !== "mounted") {
    const [said = ""] = (await new Response(shell.stderr).text()).split("\n");
    throw new MountRefused(said);
  }
  const ballast = join(directory, "ballast");
  return {
    fill: () => fill(ballast),
    free: () => rm(ballast),
    unmount: async () => {
      shell.stdin.end();
      await shell.exited;
    },
  };
}

async function fill(file: string): Promise<void> {
  const handle = await open(file, "w");
  const zeros = Buffer.alloc(65_536);
  try {
    for (;;) await handle.write(zeros);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    await handle.close();
  }
}
