/** Compresses one body, piece by piece. */
export interface Compressor {
  /** What comes out can be decompressed to all that was added so far. */
  add(bytes: Uint8Array): Promise<Uint8Array>;
  /** The last bytes; nothing can be added after them. */
  end(): Promise<Uint8Array>;
  /** Gives up before the end. */
  close(): void;
}

/** The name of the coding as HTTP has it. */
export type Compression = { readonly coding: "zstd"; readonly start: () => Compressor };
