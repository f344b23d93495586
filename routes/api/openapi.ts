import * as z from "zod/mini";
import { ERRORS } from "../../src/core/errors.ts";
import { ANSWERS } from "./answers.ts";
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
        ...answerSchemas(),
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

function operation({ path, summary, query, body, errors = [], answer }: Endpoint): object {
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
      200: { description: "Done.", content: { "application/json": { schema: { $ref: componentUri(answer) } } } },
      ...Object.fromEntries(
        errors.map((code) => [ERRORS[code].status, { description: `The code ${code}.`, content: ERROR_CONTENT }]),
      ),
      503: {
        description: "PostgreSQL, or another service that FraiseQL needs, is away, full or too slow.",
        headers: {
          "Retry-After": { description: "Seconds after which to ask again.", schema: { type: "integer", minimum: 1 } },
        },
        content: ERROR_CONTENT,
      },
      default: { description: "An error with its code.", content: ERROR_CONTENT },
    },
  };
}

const ERROR_CONTENT = { "application/json": { schema: { $ref: componentUri("Error") } } };

/** Each by its name; where one stands within another, the other refers to it. */
function answerSchemas(): Readonly<Record<string, object>> {
  const answers = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(ANSWERS)) answers.add(schema, { id });
  const { schemas } = z.toJSONSchema(answers, { uri: componentUri });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutDialect(schema)]));
}

function componentUri(id: string): string {
  return `#/components/schemas/${id}`;
}

type JsonSchema = { readonly properties?: Readonly<Record<string, object>> };

/** The document as a whole names its dialect, and the place of a schema in it its name. */
function withoutDialect(schema: object): object {
  const { $schema: _, $id: __, ...rest } = schema as { $schema?: string; $id?: string };
  return rest;
}
