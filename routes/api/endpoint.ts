/** One row of the API's table: what is taken, what is done. Routes and the OpenAPI document are made from it. */
import type * as z from "zod/mini";
import type { Operating } from "../../src/compose/operating.ts";

type Shape = z.ZodMiniType;

export type Endpoint<Query extends Shape = Shape, Body extends Shape = Shape> = {
  readonly method: "get" | "put" | "post" | "delete";
  /** With `:name` for what is taken from the path. */
  readonly path: string;
  readonly summary: string;
  readonly query?: Query;
  readonly body?: Body;
  /** 200 unless said. */
  readonly status?: number;
  run(
    operating: Omit<Operating, "close">,
    input: {
      readonly path: Readonly<Record<string, string>>;
      readonly query: z.infer<Query>;
      readonly body: z.infer<Body>;
    },
  ): Promise<unknown>;
};

/** Keeps the types of one endpoint's query and body together. */
export function endpoint<Query extends Shape, Body extends Shape>(definition: Endpoint<Query, Body>): Endpoint {
  return definition as unknown as Endpoint;
}
