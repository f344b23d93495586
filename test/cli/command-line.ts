/** Runs `fraiseql …` as a user does: in a process of its own, in a folder of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAIN = join(import.meta.dir, "..", "..", "src", "cli", "main.ts");

export type Run = { readonly code: number; readonly out: string; readonly err: string };

export type Workplace = {
  readonly folder: string;
  run(...args: string[]): Promise<Run>;
  read(file: string): Promise<string>;
  write(file: string, text: string): Promise<void>;
  remove(): Promise<void>;
};

/** A folder outside the checkout, and the command line in it. */
export async function workplace(databaseUrl: string): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), "fraiseql cli "));
  return {
    folder,
    run: async (...args) => {
      const process_ = startCommand(folder, databaseUrl, args);
      const [out, err, code] = await Promise.all([
        new Response(process_.stdout).text(),
        new Response(process_.stderr).text(),
        process_.exited,
      ]);
      return { code, out, err };
    },
    read: (file) => Bun.file(join(folder, file)).text(),
    write: async (file, text) => void (await Bun.write(join(folder, file), text)),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** The command, still running. */
export function startCommand(folder: string, databaseUrl: string, args: readonly string[]) {
  return Bun.spawn([process.execPath, MAIN, ...args], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdout: "pipe",
    stderr: "pipe",
  });
}
