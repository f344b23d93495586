/** Programs that read streams, and what they find in them. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Column } from "../../src/core/columnar/column.ts";
import { float, type Logical } from "../core/columnar/logical.ts";
import { run } from "./installed.ts";

export const READERS = join(import.meta.dir, "readers");
export type Found = readonly (readonly Logical[])[] | { readonly error: string };

/** What a program finds in streams. */
export async function read(command: readonly string[], streams: readonly Uint8Array[]): Promise<readonly Found[]> {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-interop-"));
  try {
    await Promise.all(streams.map((stream, index) => writeFile(join(directory, `t${index}.arrows`), stream)));
    const { code, output } = await run([...command, directory], READERS);
    if (code !== 0) throw new Error(output);
    const files = streams.map((_, index) => readFile(join(directory, `t${index}.json`), "utf8"));
    return (await Promise.all(files)).map((text) => JSON.parse(text) as Found);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/**
 * Rows a program found, as all of them are compared: Python writes doubles in another way, DuckDB shows UUIDs as text,
 * and Polars counts a day in nanoseconds.
 *
 * @throws Error where the program could not read the stream
 */
export function normalRows(
  columns: readonly Column[],
  found: Found | undefined,
  nanoTimes = false,
): readonly (readonly Logical[])[] {
  if (!Array.isArray(found)) throw new Error(JSON.stringify([found, columns]));
  return (found as readonly (readonly Logical[])[]).map((row) =>
    row.map((value, place) => normal(columns[place] as Column, value, nanoTimes)),
  );
}

function normal({ type }: Column, value: Logical, nanoTimes: boolean): Logical {
  if (value === null) return null;
  if (type.kind === "list") return (value as readonly Logical[]).map((item) => normal(type.item, item, nanoTimes));
  if (type.kind === "struct")
    return type.fields.map((field, index) => normal(field, (value as readonly Logical[])[index] as Logical, nanoTimes));
  if (type.kind === "float") return float(Number(value));
  if (type.kind === "uuid") return (value as string).replaceAll("-", "");
  return type.kind === "time" && nanoTimes ? String(BigInt(value as string) / 1000n) : value;
}
