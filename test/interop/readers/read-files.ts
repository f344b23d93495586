import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logical } from "../../core/columnar/logical.ts";

type Rows = readonly (readonly Logical[])[];
type Read = (stream: Uint8Array, name: string) => Rows | Promise<Rows>;

/** Reads every `NAME.arrows` of a folder and writes beside it `NAME.json`: the rows, or `{"error"}`. */
export async function readFiles(directory: string, read: Read): Promise<void> {
  for (const file of await readdir(directory)) {
    if (!file.endsWith(".arrows")) continue;
    const name = file.slice(0, -".arrows".length);
    const stream = new Uint8Array(await readFile(join(directory, file)));
    await writeFile(join(directory, `${name}.json`), JSON.stringify(await rowsOrError(() => read(stream, name))));
  }
}

async function rowsOrError(read: () => Rows | Promise<Rows>): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    return { error: String(error) };
  }
}
