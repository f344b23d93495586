/**
 * GraphQL operations compiled to statements.
 *
 * A document is parsed, validated and planned the first time it is seen; later requests only coerce their variables and
 * fill the finished statement. Requests whose variables have another shape (other filters, other orders) get a plan of
 * their own within the same document.
 */
import {
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputType,
  type NamedTypeNode,
  type OperationDefinitionNode,
  OperationTypeNode,
  print,
  typeFromAST,
} from "graphql";
import { authorizeMutation, authorizePlan } from "./access/authorize.ts";
import { FraiseqlError, RequestFailed } from "./errors.ts";
import { chooseOperation, failed, readDocument, responseError, type ValidDocument } from "./graphql/document.ts";
import { inputShape, type Variables } from "./graphql/input.ts";
import { introspect } from "./graphql/introspection.ts";
import { decodeNodeId } from "./graphql/node-id.ts";
import { buildSchema } from "./graphql/schema.ts";
import { coerceVariables } from "./graphql/variables.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { PlanContext } from "./plan/context.ts";
import { describePlan } from "./plan/describe.ts";
import { describeMutation } from "./plan/describe-mutation.ts";
import type { MutationPlan } from "./plan/mutation.ts";
import { nodeVariables } from "./plan/node-variables.ts";
import type { Plan } from "./plan/plan.ts";
import { planMutation, planOperation } from "./plan/planner.ts";
import { leastRecentlyUsed, type RecentMap } from "./recent-map.ts";
import { createLookup, type Lookup } from "./schema/lookup.ts";
import type { Model } from "./schema/model.ts";
import type { Form } from "./sql/exports/form.ts";
import { type CompiledRoot, compileMutation, fillWrites, type PreparedWrite } from "./sql/mutation.ts";
import { type CompiledStatement, compileStatement, type Statement } from "./sql/statement.ts";

export type OperationRequest = {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
};

export type { PreparedWrite };

export type Prepared =
  /** The statement's only value is the whole body. */
  | { readonly kind: "statement"; readonly statement: Statement }
  /** An answer that needs no database. */
  | { readonly kind: "finished"; readonly body: string }
  /** Root fields of a mutation, to be run one after the other. */
  | { readonly kind: "mutation"; readonly writes: readonly PreparedWrite[] };

export type Explanation = {
  readonly operation: string;
  /** The plan as indented lines. */
  readonly plan: string;
  readonly statement: Statement;
  /** What each of the statement's values is read from. */
  readonly parameters: readonly string[];
};

export type Operations = {
  readonly schema: GraphQLSchema;
  /** Throws `RequestFailed` with everything that is wrong with the request. */
  readonly prepare: (request: OperationRequest) => Prepared;
  readonly explain: (request: OperationRequest) => Explanation;
  /** The same operation in another form, and the statement filled for this request; throws `RequestFailed`. */
  readonly prepareAs: <Made extends { readonly statement: CompiledStatement }>(
    form: Form<Made>,
    request: OperationRequest,
  ) => { readonly made: Made; readonly statement: Statement; readonly plan: Plan };
};

type KnownDocument = {
  readonly document: ValidDocument;
  readonly operations: Map<string, KnownOperation>;
  /** Estimated memory of the parsed document, in bytes. */
  readonly bytes: number;
};
type KnownOperation = {
  readonly node: OperationDefinitionNode;
  readonly inputs: readonly { readonly name: string; readonly type: GraphQLInputType }[];
  readonly nodeVariables: readonly string[];
  readonly plans: RecentMap<string, Finished>;
};
type Finished = FinishedQuery | FinishedMutation;
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
  /** What the form made, where it is another than the document. */
  readonly made?: unknown;
};

type AnyForm = Form<{ readonly statement: CompiledStatement }>;

export type OperationsOptions = {
  readonly limits?: Partial<Limits>;
  /** Whether clients may read the schema; without it, messages do not suggest names of it either. True if absent. */
  readonly introspection?: boolean;
};

/**
 * The operations of a model. Nothing of PostgreSQL is asked, now or later: a statement comes out, and whoever has a
 * connection runs it.
 */
export function createOperations(model: Model, options: OperationsOptions = {}): Operations {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const isOpen = options.introspection ?? true;
  const schema = buildSchema(model);
  const lookup = createLookup(model);
  const documents = createDocuments(schema, limits, isOpen);

  const operationOf = ({ document, operations }: KnownDocument, name: string | undefined): KnownOperation => {
    const found = operations.get(name ?? "");
    if (found) return found;
    const node = chooseOperation(document, name);
    const plans = leastRecentlyUsed<string, Finished>(limits.plansPerDocumentMax, {
      of: bytesOfPlan,
      max: limits.cacheBytesMax,
    });
    const made = { node, inputs: inputsOf(schema, node), nodeVariables: nodeVariables(schema, document, node), plans };
    operations.set(name ?? "", made);
    return made;
  };

  const tools: Tools = { schema, lookup, limits };
  const resolve = (
    request: OperationRequest,
    form?: AnyForm,
  ): { operation: KnownOperation; finished: Finished; variables: Variables } =>
    reporting(() => {
      const entry = documents.known(request.query);
      const operation = operationOf(entry, request.operationName ?? undefined);
      const variables = coerceVariables(schema, operation.node, request.variables ?? {}, limits, isOpen);
      const inputs = shapeKey(operation, variables);
      const shape = form ? `${form.name}\0${inputs}` : inputs;
      let finished = operation.plans.get(shape);
      if (!finished) {
        finished = finish(tools, entry.document, operation, variables, form);
        operation.plans.set(shape, finished);
        documents.grown(request.query, entry);
      }
      return { operation, finished, variables };
    });

  return {
    schema,
    prepare: (request) => {
      const { finished, variables } = resolve(request);
      if ("writes" in finished)
        return { kind: "mutation", writes: reporting(() => fillWrites(finished.writes, variables)) };
      if (finished.isIntrospection) return { kind: "finished", body: introspectionBody(finished.plan, variables) };
      return { kind: "statement", statement: reporting(() => finished.statement.fill(variables)) };
    },
    prepareAs: <Made extends { readonly statement: CompiledStatement }>(
      form: Form<Made>,
      request: OperationRequest,
    ) => {
      const { finished, variables } = resolve(request, form);
      if ("writes" in finished) throw new TypeError("a mutation has no other form");
      const statement = reporting(() => finished.statement.fill(variables));
      return { made: finished.made as Made, statement, plan: finished.plan };
    },
    explain: (request) => {
      const { operation, finished, variables } = resolve(request);
      return {
        operation: print(operation.node),
        plan: "writes" in finished ? describeMutation(finished.plan) : describePlan(finished.plan),
        statement: reporting(() => finished.statement.fill(variables)),
        parameters: finished.statement.parameterNames,
      };
    },
  };
}

type Tools = { readonly schema: GraphQLSchema; readonly lookup: Lookup; readonly limits: Limits };

/** Plans an operation and renders its statements. */
function finish(
  { schema, lookup, limits }: Tools,
  document: ValidDocument,
  { node }: KnownOperation,
  variables: Variables,
  form: AnyForm | undefined,
): Finished {
  const context: PlanContext = {
    schema,
    fragments: document.fragments,
    variables,
    lookup,
    limits,
    inputs: { count: 0 },
    introspect: (nodes, key) => (values) => introspect(schema, document, node, nodes, key, values),
  };
  if (node.operation === OperationTypeNode.MUTATION) {
    if (form) throw failed("BAD_USER_INPUT", "A mutation is answered as JSON only; ask for a table with a query.");
    const plan = planMutation(context, node);
    return { plan, ...compileMutation(authorizeMutation(plan), limits) };
  }
  const plan = planOperation(context, node);
  const isIntrospection = plan.output.every((field) => field.node.kind === "given" || field.node.kind === "constant");
  if (!form) return { plan, statement: compileStatement(authorizePlan(plan), limits), isIntrospection };
  const made = form.compile(authorizePlan(plan), lookup, limits);
  return { plan, statement: made.statement, isIntrospection, made };
}

/** Measured on Bun: what a parsed document keeps for each token, and a plan with its statement for each character. */
const BYTES_PER_TOKEN = 256;
const BYTES_PER_CHARACTER = 12;

const bytesOfText = (query: string, { tokensMax }: Limits): number =>
  query.length + BYTES_PER_TOKEN * Math.min(query.length / 2, tokensMax);
const bytesOfPlan = ({ statement }: Finished): number => BYTES_PER_CHARACTER * statement.text.length;

/** The documents kept ready; `grown` weighs one anew that has got another plan. */
function createDocuments(schema: GraphQLSchema, limits: Limits, isOpen: boolean) {
  const documents = leastRecentlyUsed<string, KnownDocument>(limits.documentsMax, {
    of: bytesOfDocument,
    max: limits.cacheBytesMax,
  });
  return {
    known: (query: string): KnownDocument => {
      const found = documents.get(query);
      if (found) return found;
      const document = readDocument(schema, query, limits, isOpen);
      const made: KnownDocument = { document, operations: new Map(), bytes: bytesOfText(query, limits) };
      documents.set(query, made);
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
function shapeKey(operation: KnownOperation, variables: Variables): string {
  let key = "";
  for (const { name, type } of operation.inputs) key += `${inputShape(type, variables[name])};`;
  for (const name of operation.nodeVariables) {
    const id = decodeNodeId(variables[name]);
    // How many values it has decides whether it is a node id at all.
    key += id ? `${id.key.length} ${id.type};` : ";";
  }
  return key;
}

function introspectionBody(plan: Plan, variables: Variables): string {
  const fields = plan.output.map(({ key, node }) => {
    const json = node.kind === "given" ? node.read(variables) : node.kind === "constant" ? node.json : "null";
    return `${JSON.stringify(key)}:${json}`;
  });
  return `{"data":{${fields.join(",")}}}`;
}

/** Errors about the caller's input become one refused request; anything else is a fault and goes on as it is. */
function reporting<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    // graphql-js throws where a directive's argument is null.
    if (error instanceof GraphQLError) throw new RequestFailed([responseError(error, "BAD_USER_INPUT")]);
    if (!(error instanceof FraiseqlError)) throw error;
    throw failed(error.code, error.message, error.details);
  }
}
