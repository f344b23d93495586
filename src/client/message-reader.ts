/**
 * Cuts an Arrow IPC stream into its messages. It reads the frames and no column: those are for an Arrow library. Source:
 * https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
 */
import type { ByteSource } from "./byte-source.ts";
import { malformed, TableTruncated } from "./errors.ts";
import { type MessageHead, readMessageHead } from "./message-metadata.ts";

export type TableMessage = {
  readonly kind: MessageHead["kind"];
  /** Rows of a batch; 0 for the others. */
  readonly rows: number;
  /** The message as it came. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The message as a stream of its own, with schema and dictionaries before it and the end marker behind it. */
  stream(): Uint8Array<ArrayBuffer>;
};

const MARK = 0xffffffff;
export const END_OF_STREAM = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

/** Bounds on what one message may claim, so that a wrong length is an error and not an allocation. */
const METADATA_BYTES_MAX = 16_777_216;
const BODY_BYTES_MAX = 1_073_741_824;

/** @throws TableTruncated, ClientError TABLE_MALFORMED */
export async function* readMessages(source: ByteSource): AsyncGenerator<TableMessage> {
  let rows = 0;
  let head = new Uint8Array(0);
  const need = async (target: Uint8Array, at: number): Promise<void> => {
    const got = await source.fill(target, at);
    if (got < target.length - at) throw new TableTruncated(rows, source.bytes(), source.failure());
  };
  for (;;) {
    const prefix = new Uint8Array(8);
    await need(prefix, 0);
    const metadataLength = lengthOf(prefix);
    if (metadataLength === 0) break;
    const metadata = new Uint8Array(metadataLength);
    await need(metadata, 0);
    const { kind, rows: messageRows, bodyLength } = headOf(metadata);
    if ((kind === "schema") !== (head.length === 0)) throw malformed("its schema does not come first and once");

    // The message lies in its own stream from the beginning, so that nothing large is copied twice.
    const length = 8 + metadataLength + bodyLength;
    const whole = new Uint8Array(head.length + length + END_OF_STREAM.length);
    whole.set(head);
    whole.set(prefix, head.length);
    whole.set(metadata, head.length + 8);
    const end = head.length + length;
    await need(whole.subarray(0, end), head.length + 8 + metadataLength);
    whole.set(END_OF_STREAM, end);
    const bytes = whole.subarray(head.length, end);
    if (kind !== "batch") head = whole.slice(0, end);
    rows += messageRows;
    yield { kind, rows: messageRows, bytes, stream: () => whole };
  }
  if (head.length === 0) throw malformed("it has no schema");
  if ((await source.fill(new Uint8Array(1), 0)) > 0) throw malformed("bytes follow its end marker");
}

/** The length of the metadata behind the mark; 0 ends the stream. */
function lengthOf(prefix: Uint8Array): number {
  const view = new DataView(prefix.buffer);
  if (view.getUint32(0, true) !== MARK) throw malformed("a message does not begin with its mark");
  const length = view.getUint32(4, true);
  if (length > METADATA_BYTES_MAX || length % 8 !== 0) throw malformed(`a message's metadata has ${length} bytes`);
  return length;
}

function headOf(metadata: Uint8Array): MessageHead {
  let head: MessageHead;
  try {
    head = readMessageHead(metadata);
  } catch (cause) {
    throw malformed("a message's metadata cannot be read", cause);
  }
  const { bodyLength } = head;
  if (bodyLength > BODY_BYTES_MAX || bodyLength % 8 !== 0) throw malformed(`a message's body has ${bodyLength} bytes`);
  return head;
}
