import { createRetry, type RetryOptions } from "./retry.ts";
import { type Fetch, type HeadersSource, readAnswer, type Sender, send } from "./send.ts";
import { openTable, type Table, type TableOptions } from "./table.ts";
import type { CallArguments, TypedDocument } from "./typed-document.ts";

export type ClientOptions = {
  /** Address of the API, such as `https://example.org/graphql`; a page may give a path. */
  readonly url: string;
  /** Sent with every request; a function is asked before each one. */
  readonly headers?: HeadersSource | undefined;
  /** Sends requests; the runtime's own unless given. */
  readonly fetch?: Fetch | undefined;
  readonly retry?: RetryOptions | undefined;
};

export type QueryOptions = { readonly signal?: AbortSignal | undefined };

export type Client = {
  /**
   * Runs an operation.
   *
   * @returns its `data`
   * @throws GraphqlError when the answer has errors; ClientError when there is no such answer; the signal's reason
   */
  query<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    ...rest: CallArguments<NoInfer<Variables>, QueryOptions>
  ): Promise<Result>;
  /**
   * Asks for the same operation as an Arrow table. The request goes out when reading begins.
   *
   * @throws what `query` throws; TableTruncated for a table without its end; ClientError TABLE_MALFORMED
   */
  table<Result, Variables, Batch = Uint8Array<ArrayBuffer>>(
    document: TypedDocument<Result, Variables>,
    ...rest: CallArguments<NoInfer<Variables>, TableOptions<Batch>>
  ): Table<Batch>;
};

/**
 * Makes a client of one API.
 *
 * @example
 * const client = createClient({ url: "http://127.0.0.1:8000/graphql" });
 * const { cities } = await client.query(CitiesDocument, { country: "CH" });
 */
export function createClient({ url, headers = {}, fetch: given, retry }: ClientOptions): Client {
  const sender: Sender = {
    url,
    headers,
    // Browsers refuse a fetch that is called as the method of another object.
    fetch: given ?? ((input, init) => fetch(input, init)),
    retry: createRetry(retry),
  };
  const accept = "application/graphql-response+json, application/json;q=0.9";
  return {
    query: async (document, ...[variables, options]) => {
      const call = { document: String(document), variables, accept, signal: options?.signal };
      const { data } = await send(sender, call, readAnswer);
      return data as never;
    },
    table: (document, ...[variables, options]) => openTable(sender, String(document), variables, options ?? {}),
  };
}
