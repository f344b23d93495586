/**
 * GraphQL operations compiled to statements.
 *
 * A document is parsed, validated and planned the first time it is seen; later requests only coerce their variables and
 * fill the finished statement. Requests whose variables have another shape (other filters, other orders) get a plan of
 * their own within the same document.
 */
import { GraphQLError, type GraphQLSchema, OperationTypeNode, print } from "graphql";
import { authorizeMutation, authorizePlan } from "./access/authorize.ts";
import { FraiseqlError, RequestFailed } from "./errors.ts";
import { failed, responseError, type ValidDocument } from "./graphql/document.ts";
import type { Variables } from "./graphql/input.ts";
import { introspect } from "./graphql/introspection.ts";
import { buildSchema } from "./graphql/schema.ts";
import { coerceVariables } from "./graphql/variables.ts";
import { createKnownDocuments, type Finished, type KnownOperation, shapeKey } from "./known-documents.ts";
import { DEFAULT_LIMITS, type Limits, STREAMED_ROWS_MIN } from "./limits.ts";
import type { PlanContext } from "./plan/context.ts";
import { type ListLength, lengthOf, streamableList } from "./plan/long-list.ts";
import type { MutationPlan } from "./plan/mutation.ts";
import type { Plan } from "./plan/plan.ts";
import { planMutation, planOperation } from "./plan/planner.ts";
import { createLookup, type Lookup } from "./schema/lookup.ts";
import type { Model } from "./schema/model.ts";
import type { Form } from "./sql/exports/form.ts";
import { compileMutation, fillWrites, type PreparedWrite } from "./sql/mutation.ts";
import { type CompiledStatement, compileStatement, type Statement } from "./sql/statement.ts";

export type OperationRequest = {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
};

export type { PreparedWrite };

export type Prepared =
  /** The statement's only value is the whole body. */
  | {
      readonly kind: "statement";
      readonly statement: Statement;
      /**
       * Where the answer may be streamed as a `STREAMED_LIST`: `long` is for that alone, and the statement of an `open` list fails
       * with PAGE_LIMIT if it is.
       */
      readonly list: ListLength | undefined;
    }
  /** An answer that needs no database. */
  | { readonly kind: "finished"; readonly body: string }
  /** Root fields of a mutation, to be run one after the other. */
  | { readonly kind: "mutation"; readonly writes: readonly PreparedWrite[] };

export type Explanation = {
  readonly operation: string;
  readonly plan: Plan | MutationPlan;
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

export type OperationsOptions = {
  readonly limits?: Partial<Limits>;
  /** Whether clients may read the schema; without it, messages do not suggest names of it either. True if absent. */
  readonly introspection?: boolean;
  /** Whether long lists are streamed by those who run the statements. False if absent. */
  readonly streamsLists?: boolean;
  /**
   * `server_version_num` of the PostgreSQL that answers queries, as far as it is known when a statement is made: some are
   * cheaper in the words of a newer one.
   */
  readonly serverVersion?: () => number | undefined;
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
  const documents = createKnownDocuments(schema, limits, isOpen);

  const tools: Tools = {
    schema,
    lookup,
    limits,
    streamsLists: options.streamsLists ?? false,
    serverVersion: options.serverVersion ?? (() => undefined),
  };
  const resolve = (
    request: OperationRequest,
    form?: AnyForm,
  ): { operation: KnownOperation; finished: Finished; variables: Variables } =>
    reporting(() => {
      const entry = documents.document(request.query);
      const operation = documents.operation(entry, request.operationName ?? undefined);
      const variables = coerceVariables(schema, operation, request.variables ?? {}, limits, isOpen);
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
      const statement = reporting(() => finished.statement.fill(variables));
      return { kind: "statement", statement, list: finished.list && lengthOf(finished.list, variables) };
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
        plan: finished.plan,
        statement: reporting(() => finished.statement.fill(variables)),
        parameters: finished.statement.parameterNames,
      };
    },
  };
}

type AnyForm = Form<{ readonly statement: CompiledStatement }>;

type Tools = {
  readonly schema: GraphQLSchema;
  readonly lookup: Lookup;
  readonly limits: Limits;
  readonly streamsLists: boolean;
  readonly serverVersion: () => number | undefined;
};

/** Plans an operation and renders its statements. */
function finish(
  { schema, lookup, limits, streamsLists, serverVersion }: Tools,
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
  const target = { limits, serverVersion: serverVersion() };
  if (form) {
    const made = form.compile(authorizePlan(plan), lookup, target);
    return { plan, statement: made.statement, isIntrospection, made };
  }
  const list = streamsLists ? streamableList(plan, limits) : undefined;
  const whole =
    list && !list.rows.limit ? { ...target, rootRowsMax: Math.min(limits.pageRowsMax, STREAMED_ROWS_MIN) } : target;
  return { plan, statement: compileStatement(authorizePlan(plan), whole), isIntrospection, list };
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
