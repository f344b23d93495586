import * as z from "zod";

type Schema = Parameters<typeof z.fromJSONSchema>[0];
type Responses = Readonly<Record<string, { readonly content: { readonly "application/json": { schema: object } } }>>;
export type OpenApiDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};

/** What an OpenAPI document says of an answer, by its method (lower case), path and status. */
export function documentedAnswers({ paths, components }: OpenApiDocument) {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({ name: `${method} ${path}`, responses })),
  );
  const patterns = operations.map(({ name, responses }) => ({
    name,
    pattern: new RegExp(`^${name.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    responses,
  }));
  return {
    operations: operations.map(({ name }) => name),
    /** @returns the operation, as `get /api/jobs/{id}`, and the schema of such an answer; undefined where none is described */
    of(method: string, path: string, status: number) {
      const found = patterns.find(({ pattern }) => pattern.test(`${method} ${path}`));
      const response = found?.responses[status] ?? found?.responses["default"];
      if (found === undefined || response === undefined) return undefined;
      return {
        operation: found.name,
        schema: checked(response.content["application/json"].schema, components.schemas),
      };
    },
  };
}

/** zod finds schemas that are referred to among `$defs` alone. */
function checked(schema: object, components: Readonly<Record<string, object>>): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: components });
  return z.fromJSONSchema(JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/")) as Schema);
}
