/**
 * What the servers are asked. Each operation stands in the words of each contender; aliases make all of them answer
 * with the same keys, so that the answers can be compared before anything is timed.
 */

export type Contender = "fraiseql" | "floor" | "mercurius" | "postgraphile";

export type Variables = Readonly<Record<string, unknown>>;

export type Operation = {
  readonly name: OperationName;
  readonly documents: {
    readonly fraiseql: string;
    readonly postgraphile: string;
    /** Where it is not ours word for word. */
    readonly mercurius?: string;
  };
  /** Sets of variables that are sent in turn. */
  readonly variables: readonly Variables[];
  /** What a patient person would write for exactly this operation: its single text is the whole body. */
  readonly statement: string;
  /** The statement's values, in PostgreSQL's text form. */
  readonly values: (variables: Variables) => string[];
  /** One answer takes a server a tenth of a second or so. */
  readonly isHeavy?: boolean;
  readonly write?: Write;
};

/** Of an operation that changes a table. */
export type Write = {
  /** Statements that make the table what it was at first. */
  readonly reset: readonly string[];
  /** The rows that are there now. */
  readonly written: string;
  /** PostGraphile answers with a payload, which holds what others answer under this name. */
  readonly payload: string;
};

export type OperationName =
  | "key"
  | "rows100"
  | "nested"
  | "page"
  | "aggregate"
  | "rows10000"
  | "insert"
  | "insert100"
  | "update";

export type DataSet = { readonly name: "world" | "sakila"; readonly operations: readonly Operation[] };

export function documentOf({ documents }: Operation, contender: Contender): string {
  if (contender === "postgraphile") return documents.postgraphile;
  return (contender === "mercurius" ? documents.mercurius : undefined) ?? documents.fraiseql;
}

/** The body a client sends for an operation. */
export function requestBody(operation: Operation, contender: Contender, variables: Variables): string {
  return JSON.stringify({ query: documentOf(operation, contender), variables });
}
