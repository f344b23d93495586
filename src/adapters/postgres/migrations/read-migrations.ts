/** The migrations of the schema `fraiseql`: the numbered SQL files that stand beside this one. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

export type Migration = {
  /** The first four digits of the file's name: the order. */
  readonly number: number;
  /** The file's name without `.sql`. */
  readonly name: string;
  readonly sql: string;
  /** Of the text, 64 hex digits: what was applied and what is there now must be the same. */
  readonly sha256: string;
};

const FOLDER = new URL("./", import.meta.url);

/** The files beside this one, in the order of their numbers. */
export async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name)).toSorted();
  return Promise.all(
    names.map(async (file) => {
      const sql = await readFile(new URL(file, FOLDER), "utf8");
      const sha256 = createHash("sha256").update(sql).digest("hex");
      return { number: Number(file.slice(0, 4)), name: file.slice(0, -4), sql, sha256 };
    }),
  );
}
