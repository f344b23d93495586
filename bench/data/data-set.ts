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
};

export type OperationName = "key" | "rows100" | "nested" | "page" | "aggregate" | "rows10000";

export type DataSet = { readonly name: "world" | "sakila"; readonly operations: readonly Operation[] };

export function documentOf({ documents }: Operation, contender: Contender): string {
  if (contender === "postgraphile") return documents.postgraphile;
  return (contender === "mercurius" ? documents.mercurius : undefined) ?? documents.fraiseql;
}

/** The body a client sends for an operation. */
export function requestBody(operation: Operation, contender: Contender, variables: Variables): string {
  return JSON.stringify({ query: documentOf(operation, contender), variables });
}
