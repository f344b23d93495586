/** The bytes of an export, compressed as they are made. */
import type { Compression } from "../../ports/compression.ts";
import { type Exported, restOf } from "./chunks.ts";

/** A whole table that is smaller is sent as it is: starting the compressor takes longer than sending it. */
const COMPRESSED_BYTES_MIN = 16_384;

/** The export in the coding, as it comes; one that is whole and short is left as it is. */
export async function compressExport(exported: Exported, { coding, start }: Compression): Promise<Exported> {
  const { first, rest } = exported;
  if (!rest && first.length < COMPRESSED_BYTES_MIN) return exported;
  const compressor = start();
  const begun = await compressor.add(first);
  if (!rest) return { first: joinTwo(begun, await compressor.end()), coding };
  let hasEnded = false;
  const next = async (): Promise<Uint8Array | undefined> => {
    if (hasEnded) return undefined;
    try {
      const { done, value } = await rest.next();
      if (!done) return await compressor.add(value);
    } catch (error) {
      compressor.close();
      throw error;
    }
    hasEnded = true;
    return compressor.end();
  };
  const leave = async (): Promise<void> => {
    compressor.close();
    await rest.return?.();
  };
  return { first: begun, rest: restOf(next, leave), coding };
}

function joinTwo(one: Uint8Array, other: Uint8Array): Uint8Array {
  const whole = new Uint8Array(one.length + other.length);
  whole.set(one);
  whole.set(other, one.length);
  return whole;
}
