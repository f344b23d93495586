/** Values of variables, from what a client sends to what plans are filled with. */
import { type GraphQLInputType, type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from "graphql";
import { RequestFailed } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { failed, responseError } from "./document.ts";
import type { Variables } from "./input.ts";
import { quickValues } from "./quick-value.ts";

export type DeclaredVariables = {
  readonly node: OperationDefinitionNode;
  readonly inputs: readonly { readonly name: string; readonly type: GraphQLInputType }[];
};

/**
 * The variables of a request as the operation declares them.
 *
 * @param isOpen - whether messages may suggest names of the schema
 * @throws RequestFailed with everything that does not fit
 */
export function coerceVariables(
  schema: GraphQLSchema,
  { node, inputs }: DeclaredVariables,
  values: Readonly<Record<string, unknown>>,
  limits: Limits,
  isOpen: boolean,
): Variables {
  const definitions = node.variableDefinitions ?? [];
  if (definitions.length === 0) return NO_VARIABLES;
  const quick = quickValues(inputs, values, limits);
  if (quick) return quick;
  const bare = withoutPrototype(values, limits) as Variables;
  const { coerced, errors } = getVariableValues(schema, definitions, bare, {
    maxErrors: 20,
    hideSuggestions: !isOpen,
  });
  if (errors) throw new RequestFailed(errors.map((error) => responseError(error, "BAD_USER_INPUT")));
  // graphql-js collects them in a plain object, in which an absent `$constructor` would be found.
  return withoutPrototypeOf(coerced);
}

const NO_VARIABLES: Variables = withoutPrototypeOf({});

function withoutPrototypeOf<T extends object>(value: T): T {
  return Object.assign(Object.create(null), value) as T;
}

/**
 * A copy in which objects have no prototype: graphql-js reads `value[name]` for each field of an input object, and where a
 * column is called `constructor` or `value_of` it would find what JavaScript keeps under that name.
 */
function withoutPrototype(inputs: unknown, { inputNodesMax, inputDepthMax }: Limits): unknown {
  // The object of all variables is not one of them.
  let seen = -1;
  const copy = (value: unknown, depth: number): unknown => {
    seen += 1;
    if (seen > inputNodesMax) {
      throw failed("INPUT_LIMIT", `The variables hold more than ${inputNodesMax} values.`, { limit: inputNodesMax });
    }
    if (typeof value !== "object" || value === null) return value;
    if (depth > inputDepthMax) {
      throw failed("INPUT_LIMIT", `The variables are nested deeper than ${inputDepthMax} levels.`, {
        limit: inputDepthMax,
      });
    }
    if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
    const bare = Object.create(null) as Record<string, unknown>;
    for (const [name, item] of Object.entries(value)) bare[name] = copy(item, depth + 1);
    return bare;
  };
  return copy(inputs, 0);
}
