import { afterAll, beforeAll, expect, test } from "bun:test";
import { createApp } from "../../routes/app.ts";
import { FraiseqlError } from "../../src/core/errors.ts";
import { type CountryApp, countryApp } from "./country-app.ts";

let served: CountryApp;
beforeAll(async () => {
  served = await countryApp();
});
afterAll(() => served.close());

const JSON_TYPE = "application/json";
const GRAPHQL_TYPE = "application/graphql-response+json";

function post(body: unknown, headers: Record<string, string> = {}) {
  return served.app.request("/graphql", {
    method: "POST",
    headers: { "content-type": JSON_TYPE, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

function get(parameters: Record<string, string>, headers: Record<string, string> = {}) {
  return served.app.request(`/graphql?${new URLSearchParams(parameters)}`, { headers });
}

type ErrorBody = { data?: unknown; errors: { message: string; extensions: { code: string } }[] };
async function refusal(response: Response) {
  const body = (await response.json()) as ErrorBody;
  expect(body).not.toHaveProperty("data");
  return { status: response.status, code: body.errors[0]?.extensions.code, message: body.errors[0]?.message };
}

test("a posted operation is answered with the text PostgreSQL made", async () => {
  const response = await post({
    query: "query One($code: String!) { country(code: $code) { code name area } }",
    operationName: "One",
    variables: { code: "CH" },
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(await response.text()).toBe('{"data":{"country":{"code":"CH","name":"Schweiz · Suisse","area":"41285.0"}}}');
});

test("a GET gives the same answer as a POST", async () => {
  const response = await get({
    query: "query ($code: String!) { country(code: $code) { name } }",
    variables: '{"code":"MT"}',
  });
  expect(await response.text()).toBe('{"data":{"country":{"name":"Malta"}}}');
});

test.each([
  [undefined, JSON_TYPE],
  ["*/*", JSON_TYPE],
  ["application/*", JSON_TYPE],
  [GRAPHQL_TYPE, GRAPHQL_TYPE],
  [`${JSON_TYPE}, ${GRAPHQL_TYPE}`, JSON_TYPE],
  [`${JSON_TYPE};q=0.5, ${GRAPHQL_TYPE};q=0.9`, GRAPHQL_TYPE],
  [`text/html, ${GRAPHQL_TYPE}; charset=utf-8`, GRAPHQL_TYPE],
  ["text/html, */*;q=0.1", JSON_TYPE],
])("Accept %p is answered as %s", async (accept, type) => {
  const response = await post({ query: "{ __typename }" }, accept === undefined ? {} : { accept });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe(`${type}; charset=utf-8`);
});

test.each(["text/html", "application/xml, image/*", `${JSON_TYPE};q=0`, `${JSON_TYPE}; charset=latin1`])(
  "Accept %p is refused, since none of it can be given",
  async (accept) => {
    expect(await refusal(await post({ query: "{ __typename }" }, { accept }))).toMatchObject({
      status: 406,
      code: "NOT_ACCEPTABLE",
    });
  },
);

test("a refused document is 200 as application/json and 400 as application/graphql-response+json", async () => {
  expect(await refusal(await post({ query: "{ nothing }" }))).toMatchObject({ status: 200, code: "VALIDATION_ERROR" });
  expect(await refusal(await post({ query: "{ nothing }" }, { accept: GRAPHQL_TYPE }))).toMatchObject({
    status: 400,
    code: "VALIDATION_ERROR",
  });
  expect(await refusal(await post({ query: "{" }, { accept: GRAPHQL_TYPE }))).toMatchObject({
    status: 400,
    code: "PARSE_ERROR",
  });
});

test.each(["application/json; charset=utf-8", 'application/json;charset="UTF-8"', "Application/JSON"])(
  "a body of type %p is read",
  async (type) => {
    expect((await post({ query: "{ __typename }" }, { "content-type": type })).status).toBe(200);
  },
);

test.each([
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/json; charset=utf-16",
  "multipart/form-data",
])("a body of type %p is refused", async (type) => {
  expect(await refusal(await post({ query: "{ __typename }" }, { "content-type": type }))).toMatchObject({
    status: 415,
    code: "UNSUPPORTED_MEDIA_TYPE",
  });
});

test.each([
  ['{"query":', "The body is not JSON."],
  ["", "The body is not JSON."],
  ["null", "The body is not a JSON object with a `query`."],
  ["{}", "The request has no `query`."],
  ['{"query":1}', "`query` is not a string."],
  ['{"query":"{a}","variables":"x"}', "`variables` is not a JSON object."],
  ['{"query":"{a}","operationName":1}', "`operationName` is not a string."],
  ['{"query":"{a}","extensions":[]}', "`extensions` is not a JSON object."],
])("the body %s is refused: %s", async (body, message) => {
  expect(await refusal(await post(body))).toEqual({ status: 400, code: "REQUEST_ERROR", message });
});

test("a batch is refused with what to do instead", async () => {
  const { status, code, message } = await refusal(await post([{ query: "{ __typename }" }]));
  expect([status, code]).toEqual([400, "REQUEST_ERROR"]);
  expect(message).toContain("one operation per request");
});

test("a GET of a URL that is none but for its parameters is answered, as Deno gives it for a Host that is none", async () => {
  const request = { method: "GET", headers: new Headers(), url: "http://a b/graphql?query=%7B__typename%7D" };
  const response = await served.app.fetch(request as unknown as Request);
  expect(await response.json()).toEqual({ data: { __typename: "Query" } });
});

test("a parameter given twice in the URL is refused", async () => {
  const response = await served.app.request("/graphql?query=%7B__typename%7D&query=%7Ba%7D");
  expect(await refusal(response)).toMatchObject({ status: 400, code: "REQUEST_ERROR" });
});

test("a body that announces more bytes than the limit is refused unread", async () => {
  const response = await post({ query: `{ __typename } # ${"x".repeat(3000)}` });
  expect(await refusal(response)).toEqual({
    status: 413,
    code: "PAYLOAD_TOO_LARGE",
    message: "The body is longer than 2000 bytes.",
  });
});

test("a body without a length is counted while it arrives, and its source is stopped at the limit", async () => {
  let sent = 0;
  let stopped = false;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 500;
      controller.enqueue(new Uint8Array(500).fill(32));
    },
    cancel() {
      stopped = true;
    },
  });
  const response = await served.app.request("/graphql", {
    method: "POST",
    headers: { "content-type": JSON_TYPE },
    body: endless,
  });
  expect(await refusal(response)).toMatchObject({ status: 413, code: "PAYLOAD_TOO_LARGE" });
  expect(stopped).toBe(true);
  expect(sent).toBeLessThan(10_000);
});

test.each([["with a length"], ["without a length"]])(
  "a body %s that breaks off is no fault of the server",
  async (form) => {
    const faults: unknown[] = [];
    const { app, close } = await countryApp({ report: (fault) => faults.push(fault) });
    const response = await app.request("/graphql", {
      method: "POST",
      headers: { "content-type": JSON_TYPE, ...(form === "with a length" && { "content-length": "100" }) },
      body: new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"que'));
          controller.error(new Error("the client has gone"));
        },
      }),
    });
    expect(await refusal(response)).toMatchObject({ status: 499, code: "REQUEST_CANCELLED" });
    expect(faults).toEqual([]);
    await close();
  },
);

test("a character cut in two by chunks of the body is put together again", async () => {
  const bytes = new TextEncoder().encode(
    JSON.stringify({ query: '{ countries(where: { name: { eq: "Schweiz · Suisse" } }) { code } }' }),
  );
  const cut = bytes.indexOf(0xc2) + 1;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.subarray(0, cut));
      controller.enqueue(bytes.subarray(cut));
      controller.close();
    },
  });
  const response = await served.app.request("/graphql", {
    method: "POST",
    headers: { "content-type": JSON_TYPE },
    body,
  });
  expect(await response.text()).toBe('{"data":{"countries":[{"code":"CH"}]}}');
});

test.each(["PUT", "DELETE", "PATCH", "OPTIONS"])("%s is refused with the methods that are allowed", async (method) => {
  const response = await served.app.request("/graphql", { method });
  expect(response.headers.get("allow")).toBe("GET, POST");
  expect(await refusal(response)).toMatchObject({ status: 405, code: "METHOD_NOT_ALLOWED" });
});

test("another path is not found, as a GraphQL error", async () => {
  expect(await refusal(await served.app.request("/graphq"))).toMatchObject({ status: 404, code: "NOT_FOUND" });
});

test("a browser that opens /graphql gets GraphiQL, and only where it is on", async () => {
  const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  const page = await get({}, { accept });
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toStartWith("text/html");
  expect(await page.text()).toContain("graphiql");
  const off = await countryApp({ showsGraphiql: false });
  const refused = await off.app.request("/graphql", { headers: { accept } });
  expect(await refusal(refused)).toMatchObject({ status: 400, code: "REQUEST_ERROR" });
  await off.close();
});

test("a fault of the program is reported to the log and shows nothing of itself", async () => {
  const reported: unknown[] = [];
  const fault = new Error("select secret");
  const app = createApp({
    answer: () => Promise.reject(fault),
    table: () => Promise.reject(fault),
    ready: async () => undefined,
    report: (error) => reported.push(error),
    bodyBytesMax: 1_000,
    showsGraphiql: false,
    shownSchema: undefined,
    allowedHosts: undefined,
  });
  const response = await app.request("/graphql?query=%7Ba%7D");
  const refused = await refusal(response);
  expect(refused).toMatchObject({ status: 500, code: "INTERNAL_ERROR" });
  expect(refused.message).not.toContain("secret");
  expect(reported).toEqual([fault]);
});

test("the process is live even when it is not ready, and not ready says why", async () => {
  expect((await served.app.request("/health/live")).status).toBe(200);
  const ready = await served.app.request("/health/ready");
  expect([ready.status, await ready.json()]).toEqual([200, { status: "ready" }]);
  const unready = await countryApp({
    ready: () => Promise.reject(new FraiseqlError("DATABASE_UNAVAILABLE", "The database is not reachable.")),
  });
  expect((await unready.app.request("/health/live")).status).toBe(200);
  const response = await unready.app.request("/health/ready");
  expect([response.status, response.headers.get("retry-after"), await response.json()]).toEqual([
    503,
    "1",
    { status: "unready", code: "DATABASE_UNAVAILABLE", message: "The database is not reachable." },
  ]);
  await unready.close();
});
