/** Types of mutations that are functions with an outcome, as FraiseQL has it: an object or its error, or all it says. */
import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLString,
  GraphQLUnionType,
} from "graphql";
import { ERROR_CLASSES } from "../schema/error-classes.ts";
import type { ObjectType, OutcomeMutation } from "../schema/model.ts";
import { functionArguments } from "./function-arguments.ts";
import { meaning, type OutcomePart } from "./meaning.ts";
import { objectType } from "./object-types.ts";
import { documentation, type Fields } from "./output-fields.ts";
import type { Types } from "./types.ts";

/** The field of a function that writes, with its payload or the union of its results. */
export function outcomeField(types: Types, call: OutcomeMutation): Fields[string] {
  const entity = call.entity === undefined ? undefined : types.object(call.entity);
  return {
    ...documentation(call),
    type: call.result === "union" && entity ? resultType(types, call, entity) : payloadType(types, call, entity),
    args: functionArguments(types, call.arguments),
    extensions: meaning({ kind: "outcome", call, ...(entity && { entity }) }),
  };
}

function resultType(types: Types, { type: name }: OutcomeMutation, entity: ObjectType): GraphQLUnionType {
  const make = () => new GraphQLUnionType({ name, types: () => [objectType(types, entity), errorType(types)] });
  return types.named(name, make);
}

const part = (name: OutcomePart, type: GraphQLOutputType, description: string): Fields[string] => ({
  type,
  description,
  extensions: meaning({ kind: "outcomePart", part: name }),
});

function payloadType(types: Types, { type: name }: OutcomeMutation, entity: ObjectType | undefined): GraphQLObjectType {
  const json = types.leaf("JSON");
  return types.named(
    name,
    () =>
      new GraphQLObjectType({
        name,
        fields: () => ({
          succeeded: part("succeeded", new GraphQLNonNull(GraphQLBoolean), "False where there is an error."),
          stateChanged: part(
            "stateChanged",
            new GraphQLNonNull(GraphQLBoolean),
            "False for an error, and where there was nothing to do.",
          ),
          message: part("message", GraphQLString, "What happened, for people."),
          entityId: part("entityId", GraphQLString, "The key of what it is about."),
          entity: entity
            ? { type: objectType(types, entity), extensions: meaning({ kind: "outcomeEntity", object: entity }) }
            : part("entityJson", json, "What it is about."),
          updatedFields: part(
            "updatedFields",
            new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(GraphQLString))),
            "Names of the fields that have another value now.",
          ),
          cascade: part("cascade", json, "What else changed."),
          metadata: part("metadata", json, "Anything else."),
          error: { type: errorType(types), extensions: meaning({ kind: "outcomeError" }) },
        }),
      }),
  );
}

function errorType(types: Types): GraphQLObjectType {
  return types.named(
    "MutationError",
    () =>
      new GraphQLObjectType({
        name: "MutationError",
        description: "Why nothing was changed.",
        fields: () => ({
          class: part("class", new GraphQLNonNull(classType(types)), "What kind of error it is."),
          code: part(
            "code",
            new GraphQLNonNull(GraphQLString),
            "The function's own name for it: conflict:duplicate_email.",
          ),
          message: part("message", GraphQLString, "What happened, for people."),
          httpStatus: part("httpStatus", new GraphQLNonNull(GraphQLInt), "The HTTP status that says the same."),
          detail: part("detail", types.leaf("JSON"), "More about it."),
        }),
      }),
  );
}

function classType(types: Types): GraphQLEnumType {
  const name = "MutationErrorClass";
  const values = Object.fromEntries(ERROR_CLASSES.map(({ name: each }) => [each.toUpperCase(), { value: each }]));
  return types.named(name, () => new GraphQLEnumType({ name, values }));
}
