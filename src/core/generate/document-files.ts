/** Documents from files: parsed, held against the schema, and found wanting with their place. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoUnusedFragmentsRule,
  type OperationDefinitionNode,
  parse,
  Source,
  specifiedRules,
  validate,
} from "graphql";

export type DocumentFile = { readonly path: string; readonly text: string };

/** `line` and `column` count from 1. */
export type DocumentProblem = {
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
};

export type NamedOperation = OperationDefinitionNode & { readonly name: { readonly value: string } };

export type Documents = {
  /** In the order of the files, and in that of the text. */
  readonly operations: readonly NamedOperation[];
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
};

/** A file of fragments serves other projects too, perhaps. */
const RULES = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule);

/** Reads all files as one set: an operation may spread a fragment of another file. */
export function readDocuments(
  schema: GraphQLSchema,
  files: readonly DocumentFile[],
): { readonly documents: Documents } | { readonly problems: readonly DocumentProblem[] } {
  const problems: DocumentProblem[] = [];
  const parsed: DocumentNode[] = [];
  for (const { path, text } of files) {
    try {
      parsed.push(parse(new Source(text, path)));
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      problems.push(problemOf(error));
    }
  }
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: parsed.flatMap(({ definitions }) => definitions) };
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const nameless = operations.filter(({ name }) => name === undefined);
  problems.push(
    ...nameless.map((node) => problemOf(new GraphQLError("An operation needs a name, for its types have it.", node))),
  );
  // What is nameless is said above, and what does not parse leaves fragments unknown that are not.
  if (problems.length === 0) problems.push(...validate(schema, document, RULES).map(problemOf));
  if (problems.length > 0) return { problems };
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return {
    documents: {
      operations: operations as NamedOperation[],
      fragments: new Map(fragments.map((node) => [node.name.value, node])),
    },
  };
}

/** The error with the file, line and column that it is about, counted from 1. */
export function problemOf(error: GraphQLError): DocumentProblem {
  const { line = 1, column = 1 } = error.locations?.[0] ?? {};
  return { message: error.message, file: error.source?.name ?? "", line, column };
}
