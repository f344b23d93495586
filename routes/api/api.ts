/** `/api`: what operators do with rules, deliveries and events, over HTTP. */
import { type Context, Hono } from "hono";
import * as z from "zod/mini";
import type { Operating } from "../../src/compose/operating.ts";
import { ERRORS, FraiseqlError, retryAfterSeconds } from "../../src/core/errors.ts";
import { readExactJson } from "../../src/core/events/exact-json.ts";
import { formProblems } from "../../src/core/form-problems.ts";
import { readText } from "../read-request.ts";
import { bearerCheck } from "./bearer-check.ts";
import type { Endpoint } from "./endpoint.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { openApi } from "./openapi.ts";

export type ApiParts = {
  readonly operating: Omit<Operating, "close">;
  /** Undefined where only this machine can reach the server: then nobody is asked for one. */
  readonly token: string | undefined;
  readonly bodyBytesMax: number;
  readonly report: (error: unknown) => void;
};

/** What an endpoint does not know is refused everywhere: a filter with a slip in its name would mean everything. */
const NO_QUERY = z.strictObject({});
const NO_STORE = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** The routes below `/api`: every endpoint of the table behind the token, and the OpenAPI document made from it. */
export function createApi(parts: ApiParts): Hono {
  const api = new Hono();
  const isAllowed = bearerCheck(parts.token);
  api.use("*", async (context, next) => {
    const refusal = await isAllowed(context.req.raw);
    if (refusal) return errorBody(refusal);
    return next();
  });
  api.get("/api/openapi.json", () => Response.json(openApi(ENDPOINTS), { headers: NO_STORE }));
  for (const one of ENDPOINTS) api.on(one.method.toUpperCase(), one.path, (context) => answer(parts, one, context));
  // A route and not `notFound`: an app that this one is mounted in has its own of those.
  api.all("/api/*", ({ req }) =>
    errorBody(
      new FraiseqlError("NOT_FOUND", `There is nothing under ${req.method} ${req.path}; see /api/openapi.json.`),
    ),
  );
  api.onError((error) => {
    if (error instanceof FraiseqlError) {
      if (ERRORS[error.code].status >= 500) parts.report(error);
      return errorBody(error);
    }
    parts.report(error);
    return errorBody(new FraiseqlError("INTERNAL_ERROR", "A fault in the server; its log says more."));
  });
  return api;
}

async function answer({ operating, bodyBytesMax }: ApiParts, one: Endpoint, context: Context): Promise<Response> {
  const { req } = context;
  const query = taken(one.query ?? NO_QUERY, req.query(), "the query");
  const body = one.body === undefined ? undefined : taken(one.body, await json(req.raw, bodyBytesMax), "the body");
  const result = await one.run(operating, { path: req.param(), query: query as never, body: body as never });
  if (result === undefined) throw new FraiseqlError("NOT_FOUND", `There is nothing under ${req.path}.`);
  return Response.json(result, { headers: NO_STORE });
}

async function json(request: Request, bodyBytesMax: number): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  // A form of another site can send text, but not this type without asking first.
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new FraiseqlError("UNSUPPORTED_MEDIA_TYPE", "The body has to be application/json.");
  }
  const text = await readText(request, bodyBytesMax);
  try {
    return readExactJson(text);
  } catch (cause) {
    throw new FraiseqlError("REQUEST_ERROR", "The body is not JSON.", { cause });
  }
}

function taken(schema: z.ZodMiniType, value: unknown, where: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = formProblems(schema, value, "key");
  const said = problems.map(({ path, message }) => `${path.join(".") || where}: ${message}`).join("; ");
  throw new FraiseqlError("REQUEST_ERROR", `In ${where}: ${said}`, { details: { problems } });
}

function errorBody(error: FraiseqlError): Response {
  const { status } = ERRORS[error.code];
  const seconds = retryAfterSeconds(error.code);
  const headers: Record<string, string> = { ...NO_STORE };
  if (status === 401) headers["www-authenticate"] = "Bearer";
  if (seconds !== undefined) headers["retry-after"] = String(seconds);
  const body = { error: { ...error.details, code: error.code, message: error.message } };
  return Response.json(body, { status, headers });
}
