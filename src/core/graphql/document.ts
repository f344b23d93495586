/** From the text of a document to a valid operation, within the limits. Nothing here looks at values of variables. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  specifiedRules,
  type ValueNode,
  validate,
} from "graphql";
import { type ErrorCode, RequestFailed, type ResponseError } from "../errors.ts";
import type { Limits } from "../limits.ts";

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export type ValidDocument = {
  readonly node: DocumentNode;
  readonly operations: readonly OperationDefinitionNode[];
  readonly fragments: Fragments;
};

/**
 * Parses and validates; throws `RequestFailed` with every error found.
 *
 * @param isOpen - whether clients may read the schema
 */
export function readDocument(schema: GraphQLSchema, query: string, limits: Limits, isOpen: boolean): ValidDocument {
  const node = parseWithin(query, limits.tokensMax);
  const operations: OperationDefinitionNode[] = [];
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of node.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    else if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const size = measure(operations, fragments);
  refuseAbove("DEPTH_LIMIT", size.depth, limits.depthMax, "levels of nested selections");
  refuseAbove("ALIAS_LIMIT", size.aliases, limits.aliasesMax, "aliases (those of or in __schema count tenfold)");
  refuseAbove("ROOT_FIELD_LIMIT", size.rootFields, limits.rootFieldsMax, "root fields");
  refuseAbove("FIELD_LIMIT", size.fields, limits.fieldsMax, "fields");
  refuseAbove("INPUT_LIMIT", size.inputDepth, limits.inputDepthMax, "levels of nested input values");
  const rules = isOpen ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const options = { maxErrors: 20, hideSuggestions: !isOpen };
  const errors = [...unservedOperations(schema, operations), ...validate(schema, node, rules, options)];
  if (errors.length > 0) throw new RequestFailed(errors.map((error) => responseError(error, "VALIDATION_ERROR")));
  return { node, operations, fragments };
}

/** The operation to run, as the specification's GetOperation says. */
export function chooseOperation(document: ValidDocument, name: string | undefined): OperationDefinitionNode {
  const found = name
    ? document.operations.find((operation) => operation.name?.value === name)
    : document.operations.length === 1
      ? document.operations[0]
      : undefined;
  if (found) return found;
  const names = document.operations.flatMap((operation) => operation.name?.value ?? []);
  throw failed(
    "OPERATION_NOT_FOUND",
    name
      ? `The document has no operation "${name}"; it has: ${names.join(", ") || "none with a name"}.`
      : `The document has ${document.operations.length} operations; say which with operationName.`,
  );
}

/** `mutation { __typename }` passes graphql-js' validation even where the schema has no mutations. */
function unservedOperations(schema: GraphQLSchema, operations: readonly OperationDefinitionNode[]): GraphQLError[] {
  return operations
    .filter(({ operation }) => !schema.getRootType(operation))
    .map((node) => new GraphQLError(`The schema has no ${node.operation} operations.`, { nodes: node }));
}

/** An error of graphql-js as clients are told it. */
export function responseError(error: GraphQLError, code: ErrorCode): ResponseError {
  return {
    message: error.message,
    ...(error.locations && { locations: error.locations.map(({ line, column }) => ({ line, column })) }),
    ...(error.path && { path: error.path }),
    extensions: { code },
  };
}

/** One error that refuses the whole request. */
export function failed(
  code: ErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): RequestFailed {
  return new RequestFailed([{ message, extensions: { code, ...details } }]);
}

function parseWithin(query: string, tokensMax: number): DocumentNode {
  try {
    return parse(query, { maxTokens: tokensMax });
  } catch (error) {
    // It is read level by level, on a stack that is of another size in each runtime.
    if (error instanceof RangeError) throw failed("DEPTH_LIMIT", "The document is nested too deep to be read.");
    if (!(error instanceof GraphQLError)) throw error;
    // graphql-js misspells "than".
    if (/Document contains more tha[nt] \d+ tokens/.test(error.message)) {
      throw failed("TOKEN_LIMIT", `The document has more than ${tokensMax} tokens.`, { limit: tokensMax });
    }
    throw new RequestFailed([responseError(error, "PARSE_ERROR")]);
  }
}

function refuseAbove(code: ErrorCode, value: number, limit: number, what: string): void {
  if (value > limit) throw failed(code, `The document has ${value} ${what}; the limit is ${limit}.`, { limit });
}

type Size = {
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  /** All levels together: what the planner and PostgreSQL have to work through. */
  readonly fields: number;
  readonly inputDepth: number;
};

/** Sizes with fragments spread out, each fragment measured once. A cycle counts as nothing here: validation refuses it. */
function measure(operations: readonly OperationDefinitionNode[], fragments: Fragments): Size {
  const known = new Map<string, Size>();
  const selectionSize = (selections: SelectionSetNode | undefined): Size => {
    let depth = 0;
    let aliases = 0;
    let rootFields = 0;
    let fields = 0;
    let inputDepth = 0;
    for (const selection of selections?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        const inner = selectionSize(selection.selectionSet);
        const isIntrospection = selection.name.value === "__schema" || selection.name.value === "__type";
        depth = Math.max(depth, isIntrospection ? 1 : inner.depth + 1);
        aliases +=
          (inner.aliases + (selection.alias ? 1 : 0)) * (selection.name.value === "__schema" ? SCHEMA_WEIGHT : 1);
        rootFields += 1;
        fields += inner.fields + 1;
        inputDepth = Math.max(
          inputDepth,
          inner.inputDepth,
          valueDepth((selection.arguments ?? []).map((argument) => argument.value)),
        );
        continue;
      }
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selectionSize(selection.selectionSet)
          : fragmentSize(selection.name.value);
      depth = Math.max(depth, inner.depth);
      aliases += inner.aliases;
      rootFields += inner.rootFields;
      fields += inner.fields;
      inputDepth = Math.max(inputDepth, inner.inputDepth);
    }
    return { depth, aliases, rootFields, fields, inputDepth };
  };
  const fragmentSize = (name: string): Size => {
    const size = known.get(name);
    if (size) return size;
    known.set(name, NOTHING);
    const measured = selectionSize(fragments.get(name)?.selectionSet);
    known.set(name, measured);
    return measured;
  };
  const sizes = operations.map(({ selectionSet, variableDefinitions = [] }) => {
    const size = selectionSize(selectionSet);
    const defaults = valueDepth(variableDefinitions.flatMap(({ defaultValue }) => defaultValue ?? []));
    return { ...size, inputDepth: Math.max(size.inputDepth, defaults) };
  });
  const greatest = (key: keyof Size): number => Math.max(0, ...sizes.map((size) => size[key]));
  return {
    depth: greatest("depth"),
    aliases: greatest("aliases"),
    rootFields: greatest("rootFields"),
    fields: greatest("fields"),
    inputDepth: greatest("inputDepth"),
  };
}

/** It may list the whole schema, and no tool needs that often under other names. */
const SCHEMA_WEIGHT = 10;

const NOTHING: Size = { depth: 0, aliases: 0, rootFields: 0, fields: 0, inputDepth: 0 };

/** How deep objects and lists are nested in the deepest of the values. */
function valueDepth(values: readonly ValueNode[]): number {
  const inner = (value: ValueNode): number =>
    value.kind === Kind.OBJECT
      ? valueDepth(value.fields.map((field) => field.value)) + 1
      : value.kind === Kind.LIST
        ? valueDepth(value.values) + 1
        : 0;
  return Math.max(0, ...values.map(inner));
}
