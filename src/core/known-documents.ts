/** What is kept from one request to the next: parsed documents, and the finished plans of their operations. */
import {
  type GraphQLInputType,
  type GraphQLSchema,
  isInputType,
  type NamedTypeNode,
  type OperationDefinitionNode,
  typeFromAST,
} from "graphql";
import { chooseOperation, failed, readDocument, type ValidDocument } from "./graphql/document.ts";
import { inputShape, type Variables } from "./graphql/input.ts";
import { decodeNodeId } from "./graphql/node-id.ts";
import type { Limits } from "./limits.ts";
import type { MutationPlan } from "./plan/mutation.ts";
import { nodeVariables } from "./plan/node-variables.ts";
import type { ListNode, Plan } from "./plan/plan.ts";
import { leastRecentlyUsed, type RecentMap } from "./recent-map.ts";
import type { CompiledRoot } from "./sql/mutation.ts";
import type { CompiledStatement } from "./sql/statement.ts";

export type KnownDocument = {
  readonly document: ValidDocument;
  readonly operations: Map<string, KnownOperation>;
  /** Estimated memory of the parsed document, in bytes. */
  readonly bytes: number;
};
export type KnownOperation = {
  readonly node: OperationDefinitionNode;
  readonly inputs: readonly { readonly name: string; readonly type: GraphQLInputType }[];
  readonly nodeVariables: readonly string[];
  readonly plans: RecentMap<string, Finished>;
};
export type Finished = FinishedQuery | FinishedMutation;
type FinishedMutation = {
  readonly plan: MutationPlan;
  readonly writes: readonly CompiledRoot[];
  /** For people and for its weight: all statements as one. */
  readonly statement: CompiledStatement;
};
type FinishedQuery = {
  readonly plan: Plan;
  readonly statement: CompiledStatement;
  readonly isIntrospection: boolean;
  /** The one list of the operation, where it may be streamed. */
  readonly list?: ListNode | undefined;
  /** What the form made, where it is another than the document. */
  readonly made?: unknown;
};

/** Measured on Bun: what a parsed document keeps for each token, and a plan with its statement for each character. */
const BYTES_PER_TOKEN = 256;
const BYTES_PER_CHARACTER = 12;

const bytesOfText = (query: string, { tokensMax }: Limits): number =>
  query.length + BYTES_PER_TOKEN * Math.min(query.length / 2, tokensMax);
const bytesOfPlan = ({ statement }: Finished): number => BYTES_PER_CHARACTER * statement.text.length;

export type KnownDocuments = {
  /** Parsed and validated now, if it was not before; throws `RequestFailed`. */
  document(query: string): KnownDocument;
  /** The operation of that name, or the only one; throws `RequestFailed`. */
  operation(document: KnownDocument, name: string | undefined): KnownOperation;
  /** Weighs a document anew that has got another plan. */
  grown(query: string, document: KnownDocument): void;
};

/** @param isOpen whether clients may read the schema */
export function createKnownDocuments(schema: GraphQLSchema, limits: Limits, isOpen: boolean): KnownDocuments {
  const documents = leastRecentlyUsed<string, KnownDocument>(limits.documentsMax, {
    of: bytesOfDocument,
    max: limits.cacheBytesMax,
  });
  return {
    document: (query) => {
      const found = documents.get(query);
      if (found) return found;
      const document = readDocument(schema, query, limits, isOpen);
      const made: KnownDocument = { document, operations: new Map(), bytes: bytesOfText(query, limits) };
      documents.set(query, made);
      return made;
    },
    operation: ({ document, operations }, name = "") => {
      const found = operations.get(name);
      if (found) return found;
      const node = chooseOperation(document, name);
      const plans = leastRecentlyUsed<string, Finished>(limits.plansPerDocumentMax, {
        of: bytesOfPlan,
        max: limits.cacheBytesMax,
      });
      const inputs = inputsOf(schema, node);
      const made = { node, inputs, nodeVariables: nodeVariables(schema, document, node), plans };
      operations.set(name, made);
      return made;
    },
    grown: documents.set,
  };
}

function bytesOfDocument({ bytes, operations }: KnownDocument): number {
  let total = bytes;
  for (const { plans } of operations.values()) total += plans.weight();
  return total;
}

function inputsOf(schema: GraphQLSchema, operation: OperationDefinitionNode): KnownOperation["inputs"] {
  return (operation.variableDefinitions ?? []).map((definition) => {
    // graphql-js would set the prototype of the coerced variables instead of an entry, and the argument would be absent.
    if (definition.variable.name.value === "__proto__") {
      throw failed("VALIDATION_ERROR", "A variable cannot be named $__proto__.");
    }
    const type = typeFromAST(schema, definition.type as NamedTypeNode);
    if (!isInputType(type)) throw new TypeError("validation lets only input types through");
    return { name: definition.variable.name.value, type };
  });
}

/** Requests with equal keys share a plan: which inputs are there, and the values that are part of the statement. */
export function shapeKey(operation: KnownOperation, variables: Variables): string {
  let key = "";
  for (const { name, type } of operation.inputs) key += `${inputShape(type, variables[name])};`;
  for (const name of operation.nodeVariables) {
    const id = decodeNodeId(variables[name]);
    // How many values it has decides whether it is a node id at all.
    key += id ? `${id.key.length} ${id.type};` : ";";
  }
  return key;
}
