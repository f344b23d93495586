/**
 * The schema for GraphiQL, which asks for it before anything else. @hono/graphql-server answers: introspection needs no
 * database, and so it fills no cache of documents and plans. It is not in the path of an operation.
 */
import { graphqlServer } from "@hono/graphql-server";
import { GraphQLError, type GraphQLSchema, Kind, type ValidationRule } from "graphql";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { FraiseqlError } from "../src/core/errors.ts";
import { JSON_TYPE } from "./media-type.ts";
import { errorResponse } from "./respond.ts";

/** An introspection query is short. */
const BODY_BYTES_MAX = 65_536;

/** Refuses bodies that are longer than any introspection with 413. */
export function limitedBody(): MiddlewareHandler {
  const message = `The body is longer than ${BODY_BYTES_MAX} bytes.`;
  const onError = () => errorResponse(new FraiseqlError("PAYLOAD_TOO_LARGE", message), JSON_TYPE);
  return bodyLimit({ maxSize: BODY_BYTES_MAX, onError });
}

/** @param schema - the schema of now: it may change while the server runs */
export function introspection(schema: () => GraphQLSchema): MiddlewareHandler {
  return (context, next) => graphqlServer({ schema: schema(), validationRules: [ONLY_INTROSPECTION] })(context, next);
}

/** Here fields have no values: without this they would be answered as null. */
const ONLY_INTROSPECTION: ValidationRule = (context) => ({
  OperationDefinition: ({ selectionSet }) => {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD && selection.name.value.startsWith("__")) continue;
      const message = "Only __schema, __type and __typename are answered here; send operations to /graphql.";
      context.reportError(new GraphQLError(message, { nodes: selection }));
    }
  },
});
