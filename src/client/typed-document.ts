/**
 * A document whose type says what goes in and what comes out. `fraiseql generate` writes them; the typed document
 * strings of other generators fit too. A plain string is one that says nothing.
 */
export type TypedDocument<Result, Variables> = {
  /** The text of the document. */
  toString(): string;
  /** Only for the compiler; no document has it. */
  readonly __apiType?: ((variables: Variables) => Result) | undefined;
};

export type ResultOf<Document> = Document extends TypedDocument<infer Result, never> ? Result : never;

export type VariablesOf<Document> = Document extends {
  readonly __apiType?: ((variables: infer Variables) => unknown) | undefined;
}
  ? Variables
  : never;

/** What follows the document in a call: variables may be left out only where none is required. */
export type CallArguments<Variables, Options> =
  Record<string, never> extends Variables
    ? [variables?: Variables | undefined, options?: Options | undefined]
    : [variables: Variables, options?: Options | undefined];
