import { linesOf } from "../support/lines-of.ts";

/** Gives each whole line of the stream, until its end. */
export async function takeLines(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
  for await (const line of linesOf(stream)) take(line);
}
