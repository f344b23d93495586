/** One row of the API's table: what is taken, what is done, what is answered. Routes and the OpenAPI document are made from it. */
import type * as z from "zod/mini";
import type { Operating } from "../../src/compose/operating.ts";
import type { ErrorCode } from "../../src/core/errors.ts";
import type { ANSWERS, AnswerName } from "./answers.ts";

type Shape = z.ZodMiniType;

export type Endpoint<
  Query extends Shape = Shape,
  Body extends Shape = Shape,
  Answer extends AnswerName = AnswerName,
> = {
  readonly method: "get" | "put" | "post" | "delete";
  /** With `:name` for what is taken from the path. */
  readonly path: string;
  readonly summary: string;
  readonly query?: Query;
  readonly body?: Body;
  /** What is refused beside what any endpoint may be. */
  readonly errors?: readonly ErrorCode[];
  /** Its schema, by name. */
  readonly answer: Answer;
  /** Undefined where there is no such thing: 404. */
  run(
    operating: Omit<Operating, "close">,
    input: {
      readonly path: Readonly<Record<string, string>>;
      readonly query: z.infer<Query>;
      readonly body: z.infer<Body>;
    },
  ): Promise<Given<z.infer<(typeof ANSWERS)[Answer]>> | undefined>;
};

/** What is given out may be somebody else's: arrays that nobody here writes to. */
type Given<Value> = Value extends readonly (infer Item)[]
  ? readonly Given<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: Given<Value[Name]> }
    : Value;

/** Keeps the types of one endpoint's query, body and answer together. */
export function endpoint<Query extends Shape, Body extends Shape, Answer extends AnswerName>(
  definition: Endpoint<Query, Body, Answer>,
): Endpoint {
  return definition as unknown as Endpoint;
}
