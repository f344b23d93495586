/** The client: GraphQL with types, and tables as they stream in. It needs `fetch` and nothing else. */
export { type Client, type ClientOptions, createClient, type QueryOptions } from "./create-client.ts";
export { ClientError, type ClientErrorCode, GraphqlError, type GraphqlProblem, TableTruncated } from "./errors.ts";
export type { TableMessage } from "./message-reader.ts";
export type { RetryOptions } from "./retry.ts";
export type { Table, TableOptions, TableProgress, TableReader } from "./table.ts";
export type { ResultOf, TypedDocument, VariablesOf } from "./typed-document.ts";
