/** An operation's rows as an Arrow table, batch by batch. */
import { createByteSource } from "./byte-source.ts";
import { ClientError } from "./errors.ts";
import { joined } from "./joined.ts";
import { END_OF_STREAM, readMessages, type TableMessage } from "./message-reader.ts";
import { readAnswer, type Sender, send } from "./send.ts";

const ARROW_STREAM = "application/vnd.apache.arrow.stream";

/** What has come so far. The size of the whole is not known before its end. */
export type TableProgress = { readonly rows: number; readonly bytes: number };

/** Makes a batch of the bytes of a complete Arrow IPC stream: `tableFromIPC` of apache-arrow or of flechette. */
export type TableReader<Batch> = (stream: Uint8Array<ArrayBuffer>) => Batch;

export type TableOptions<Batch> = {
  readonly signal?: AbortSignal | undefined;
  /** Called whenever bytes or a batch have come. */
  readonly onProgress?: ((progress: TableProgress) => void) | undefined;
  /** Without it a batch is the bytes of an Arrow IPC stream of its own. */
  readonly reader?: TableReader<Batch> | undefined;
};

/** Each use sends a request of its own. Leaving a loop early ends the request, and the statement on the server. */
export type Table<Batch> = AsyncIterable<Awaited<Batch>> & {
  /** All rows at once. */
  whole(): Promise<Awaited<Batch>>;
  /** The messages of the stream, for a consumer that takes Arrow IPC itself. The end marker is not one of them. */
  messages(): AsyncIterableIterator<TableMessage>;
};

export function openTable<Batch>(
  sender: Sender,
  document: string,
  variables: unknown,
  { signal, onProgress, reader }: TableOptions<Batch>,
): Table<Batch> {
  // Without a reader a batch is its bytes: that is what the type parameter's default says.
  const read = async (stream: Uint8Array<ArrayBuffer>): Promise<Awaited<Batch>> =>
    await (reader ? reader(stream) : (stream as Batch));
  const messages = async function* (): AsyncGenerator<TableMessage> {
    const body = await send(sender, { document, variables, accept: ARROW_STREAM, signal }, tableBody);
    yield* messagesOf(body, signal, onProgress);
  };
  return {
    messages,
    whole: async (): Promise<Awaited<Batch>> => {
      const parts: Uint8Array[] = [];
      for await (const { bytes } of messages()) parts.push(bytes);
      return await read(joined([...parts, END_OF_STREAM]));
    },
    [Symbol.asyncIterator]: async function* () {
      for await (const { kind, stream } of messages()) if (kind === "batch") yield read(stream());
    },
  };
}

async function tableBody(response: Response): Promise<ReadableStream<Uint8Array>> {
  const type = response.headers.get("content-type")?.split(";")[0]?.trim();
  if (response.ok && type === ARROW_STREAM && response.body !== null) return response.body;
  await readAnswer(response);
  const message = `The server answered with ${type ?? "no type"} instead of a table; does it give tables?`;
  throw new ClientError("UNEXPECTED_RESPONSE", message, { status: response.status });
}

async function* messagesOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
  onProgress: ((progress: TableProgress) => void) | undefined,
): AsyncGenerator<TableMessage> {
  let rows = 0;
  const report = (): void => onProgress?.({ rows, bytes: source.bytes() });
  const source = createByteSource(body, report);
  let isOver = false;
  try {
    for await (const message of readMessages(source)) {
      rows += message.rows;
      if (message.kind === "batch") report();
      yield message;
    }
    isOver = true;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    if (!isOver) source.cancel();
  }
}
