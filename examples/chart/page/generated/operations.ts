// Written by `fraiseql generate`; changes are lost when it runs again.

/** The text of a document, whose type says what goes in and what comes out. */
export type TypedDocumentString<Result, Variables> = string & {
  readonly __apiType?: (variables: Variables) => Result;
};

/** What the scalars of the API are here. */
export type Scalars = {
  /** An instant, RFC 3339 with offset; answers are in UTC. `infinity` and `-infinity` stand for no bound. */
  readonly DateTime: string;
};

export type SunQueryVariables = Record<string, never>;

export type SunQuery = {
  readonly sunHeights: readonly {
    readonly at: Scalars["DateTime"];
    readonly altitude: number | null;
  }[];
};

export const SunDocument = `query Sun {
  sunHeights(orderBy: [{at: ASC}]) {
    at
    altitude
  }
}` as TypedDocumentString<SunQuery, SunQueryVariables>;
