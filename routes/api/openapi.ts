import * as z from "zod/mini";
import { ERRORS } from "../../src/core/errors.ts";
import type { Endpoint } from "./endpoint.ts";

/** https://spec.openapis.org/oas/v3.1.0 , from the table of endpoints. */
export function openApi(endpoints: readonly Endpoint[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const one of endpoints) {
    const path = one.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] ??= {};
    paths[path][one.method] = operation(one);
  }
  return {
    openapi: "3.1.0",
    info: { title: "FraiseQL operating API", version: "1" },
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: {
        Error: {
          type: "object",
          required: ["error"],
          properties: {
            error: {
              type: "object",
              required: ["code", "message"],
              properties: {
                code: { type: "string", enum: Object.keys(ERRORS) },
                message: { type: "string" },
                problems: { type: "array", items: { type: "object" } },
              },
            },
          },
        },
      },
    },
  };
}

function operation({ path, summary, query, body, status = 200 }: Endpoint): object {
  const fromPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const asked = query === undefined ? { properties: {} } : (z.toJSONSchema(query, { io: "input" }) as JsonSchema);
  const fromQuery = Object.entries(asked.properties ?? {}).map(([name, schema]) => ({ name, in: "query", schema }));
  return {
    summary,
    parameters: [...fromPath, ...fromQuery],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: withoutDialect(z.toJSONSchema(body, { io: "input" })) } },
          },
        }),
    responses: {
      [status]: { description: "Done.", content: { "application/json": { schema: {} } } },
      default: {
        description: "An error with its code.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

type JsonSchema = { readonly properties?: Readonly<Record<string, object>> };

/** The document as a whole names its dialect. */
function withoutDialect(schema: object): object {
  const { $schema: _, ...rest } = schema as { $schema?: string };
  return rest;
}
