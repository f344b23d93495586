import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Reads every `NAME.arrows` of a folder and writes beside it `NAME.json`: the rows, or `{"error"}`. */
export async function readFiles(directory, read) {
  for (const file of await readdir(directory)) {
    if (!file.endsWith(".arrows")) continue;
    const name = file.slice(0, -".arrows".length);
    const stream = new Uint8Array(await readFile(join(directory, file)));
    await writeFile(join(directory, `${name}.json`), JSON.stringify(await rowsOrError(() => read(stream, name))));
  }
}

async function rowsOrError(read) {
  try {
    return await read();
  } catch (error) {
    return { error: String(error) };
  }
}
