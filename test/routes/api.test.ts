import { afterAll, beforeAll, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "../../routes/api/api.ts";
import { ENDPOINTS } from "../../routes/api/endpoints.ts";
import { openApi } from "../../routes/api/openapi.ts";
import { createLogAction } from "../../src/adapters/log/log-action.ts";
import { operatingOf } from "../../src/compose/operating.ts";
import { openStores, type WorkerStores } from "../../src/compose/worker-stores.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { ERRORS, FraiseqlError } from "../../src/core/errors.ts";
import { ExactNumber } from "../../src/core/events/json.ts";
import { deliveryId } from "../../src/core/jobs/job-id.ts";
import type { RuleScope } from "../../src/core/rules/check-rule.ts";
import { documentedAnswers, type OpenApiDocument } from "../support/documented-answers.ts";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";

const TOKEN = "t".repeat(32);
const fields = new Map([["population", { name: "population", type: { kind: "numeric" }, nullable: false }]] as const);
const SCOPE: RuleScope = {
  entities: new Map([["City", { name: "City", table: "public.city", fields }]]),
  actions: new Map([["log", createLogAction({ write: () => {}, now: Date.now })]]),
};
const rule = (name: string, condition: string) => ({
  name,
  entity: "City",
  operations: ["insert"],
  condition,
  actions: [{ kind: "log", message: "{{ new.population }}" }],
});
const BIG = "12345678901234567890.10";

let database: MigratedDatabase;
let stores: WorkerStores;
let operating: ReturnType<typeof operatingOf>;
let eventId = "";
const reported: unknown[] = [];
const documented = documentedAnswers(openApi(ENDPOINTS) as OpenApiDocument);
/** The operations that have given another answer than an error. */
const answered = new Set<string>();
beforeAll(async () => {
  database = await migratedDatabase("api");
  const { sql } = database;
  await sql`create table public.city (id int primary key, population numeric)`;
  await sql`select fraiseql.capture('public.city')`;
  await sql.unsafe(`insert into public.city values (1, 5), (2, ${BIG})`);
  stores = await openStores(loadConfig({ env: { DATABASE_URL: database.url } }), { name: "test", connectionsMax: 4 });
  operating = operatingOf(stores, SCOPE);
  eventId = (await operating.events.latest(1))[0]?.id ?? "";
});
afterAll(async () => {
  await stores.close();
  await database.drop();
});

// biome-ignore lint/suspicious/noExplicitAny: what came over HTTP is looked at as it is
type Body = any;
type Asked = { readonly status: number; readonly headers: Headers; readonly body: Body };

/**
 * Whatever comes is held against what the OpenAPI document says of it.
 *
 * @param token null: an API that asks for none
 */
async function ask(
  method: string,
  path: string,
  body?: unknown,
  { headers = {}, token = TOKEN as string | null, origin = "http://127.0.0.1:8001", of = operating } = {},
): Promise<Asked> {
  const api = createApi({
    operating: of,
    token: token ?? undefined,
    bodyBytesMax: 10_000,
    report: (error) => void reported.push(error),
  });
  const response = await api.fetch(
    new Request(`${origin}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    }),
  );
  const got = { status: response.status, headers: response.headers, body: await response.json() };
  const described = documented.of(method.toLowerCase(), path.replace(/\?.*/, ""), got.status);
  described?.schema.parse(got.body);
  if (described && response.ok) answered.add(described.operation);
  return got;
}
const code = ({ status, body }: Asked) => [status, body.error?.code];

/** Decided, and one attempt recorded that ended it so. */
async function delivered(event: string, ended?: "done" | "discarded"): Promise<string> {
  const place = { eventId: event, ruleName: "big", ruleVersion: 1, actionIndex: 0 };
  const id = deliveryId(place);
  const retry = { attemptsMax: 3, backoff: { kind: "fixed", delayMs: 1 }, jitter: 0 } as const;
  const job = { id, org: "acme", retry, timeoutMs: 1_000, payload: "{}" };
  const matched = [{ name: "big", version: 1 }];
  await stores.ledger.decide([
    { eventId: event, rulesVersion: 0, matched, deliveries: [{ ...place, job, actionKind: "log" }] },
  ]);
  const attempt = {
    attempt: 1,
    startedAt: new Date(0).toISOString(),
    durationMs: 1,
    outcome: "permanent",
    reason: "410 gone",
    facts: {},
  } as const;
  if (ended) await stores.ledger.recordAttempts([{ jobId: id, attempt, ended }]);
  return id;
}

test("rules are planned, applied, shown with their history, tested and removed", async () => {
  const rules = [rule("big", "new.population > 100"), rule("small", "new.population < 10")];
  const planned = await ask("POST", "/api/rules/plan", { rules });
  expect(planned).toMatchObject({
    status: 200,
    body: { rulesVersion: 0, plan: { added: [{ name: "big" }, { name: "small" }] } },
  });
  expect(await ask("POST", "/api/rules/apply", { rules, expected: 0 })).toMatchObject({
    status: 200,
    body: { rulesVersion: 1 },
  });
  expect(
    code(await ask("POST", "/api/rules/apply", { rules: [rule("big", "new.population > 1")], expected: 0 })),
  ).toEqual([409, "RULES_CHANGED"]);
  expect((await ask("GET", "/api/rules")).body.rules.map(({ name }: { name: string }) => name)).toEqual([
    "big",
    "small",
  ]);
  expect(await ask("PUT", "/api/rules/big", rule("big", "new.population > 200"))).toMatchObject({ status: 200 });
  const { body } = await ask("GET", "/api/rules/big");
  expect([body.current.version, body.history.length, body.history[0].changedBy]).toEqual([2, 2, "api"]);
  const tested = await ask("POST", "/api/rules/test", { rule: rule("big", "new.population > 200") });
  expect(tested.body).toMatchObject({ events: 2, matched: 1 });
  expect(tested.body.outcomes.find(({ matched }: { matched: boolean }) => !matched).reason).toContain(
    "population is 5",
  );
  expect(await ask("DELETE", "/api/rules/small")).toMatchObject({ status: 200, body: { removed: "small" } });
  expect(code(await ask("DELETE", "/api/rules/small"))).toEqual([404, "NOT_FOUND"]);
  expect(code(await ask("GET", "/api/rules/none"))).toEqual([404, "NOT_FOUND"]);
});

test("a rule whose column has gone is listed as broken, with what is wrong", async () => {
  const { version } = await stores.rules.current();
  const definition = { ...rule("gone", "new.mayor = 'Ada'"), priority: 0 };
  await stores.rules.apply({ expected: version, put: [{ name: "gone", definition }], remove: [], by: "test" });
  const { body } = await ask("GET", "/api/rules");
  const broken = new Map(body.rules.map((each: { name: string; broken?: string }) => [each.name, each.broken]));
  expect(broken.get("gone")).toContain('condition, line 1, column 1: unknown field of City "mayor"');
  expect(broken.get("big")).toBeUndefined();
  expect(await ask("DELETE", "/api/rules/gone")).toMatchObject({ status: 200 });
});

test("a rule that is not valid is refused with every problem", async () => {
  const wrong = await ask("POST", "/api/rules/apply", {
    rules: [{ ...rule("big", "new.popultion > 1"), actions: [{ kind: "lgo" }] }],
  });
  expect(code(wrong)).toEqual([422, "RULE_INVALID"]);
  expect(wrong.body.error.problems.length).toBeGreaterThan(1);
  expect(code(await ask("PUT", "/api/rules/other", rule("big", "true")))).toEqual([400, "REQUEST_ERROR"]);
  for (const fault of [{ conditon: "" }, { operations: [] }, { condition: "new.popultion > 1" }, { name: 1 }]) {
    const one = { ...rule("big", "true"), ...fault };
    const [applied, put] = [
      await ask("POST", "/api/rules/apply", { rules: [one] }),
      await ask("PUT", "/api/rules/big", one),
    ];
    expect(put).toEqual(applied);
    expect(code(put)).toEqual([422, "RULE_INVALID"]);
  }
  const { name: _, ...nameless } = rule("big", "true");
  expect(await ask("PUT", "/api/rules/big", { ...nameless, priority: "x" })).toMatchObject({
    status: 422,
    body: { error: { problems: [{ path: ["big", "priority"] }] } },
  });
  const asked = await ask("GET", "/api/jobs?stat=open&limit=many");
  expect([code(asked), asked.body.error.message]).toEqual([
    [400, "REQUEST_ERROR"],
    "In the query: limit: expected number; the query: there is no key stat; did you mean state?",
  ]);
});

test("deliveries are listed page by page, shown, replayed and discarded", async () => {
  const [open, dead, done] = [
    await delivered("a:1"),
    await delivered("a:2", "discarded"),
    await delivered("a:3", "done"),
  ];
  const first = await ask("GET", "/api/jobs?limit=2");
  expect(first.body.deliveries.map(({ id }: { id: string }) => id)).toEqual([done, dead]);
  const rest = await ask("GET", `/api/jobs?limit=2&after=${encodeURIComponent(first.body.next)}`);
  expect(rest.body).toMatchObject({ deliveries: [{ id: open, state: "open" }] });
  expect(rest.body.next).toBeUndefined();
  expect((await ask("GET", "/api/jobs?state=discarded&error=gone")).body.deliveries).toMatchObject([
    { id: dead, attempts: 1 },
  ]);
  expect((await ask("GET", `/api/jobs/${encodeURIComponent(dead)}`)).body).toMatchObject({
    attempts: [{ reason: "410 gone" }],
  });
  expect(code(await ask("GET", "/api/jobs/none"))).toEqual([404, "NOT_FOUND"]);
  expect((await ask("POST", "/api/jobs/replay", { ids: [] })).body).toEqual({ replayed: [] });
  expect((await ask("POST", "/api/jobs/replay", { all: true })).body).toEqual({ replayed: [dead] });
  expect(await stores.queue.state(`${dead}~1`)).toBe("available");
  expect((await ask("POST", "/api/jobs/discard", { org: "acme" })).body.cancelled.toSorted()).toEqual([open, dead]);
  expect(await stores.queue.state(`${dead}~1`)).toBe("cancelled");
});

test("a choice of deliveries has to be made, and a filter with a slip in it is not everything", async () => {
  for (const path of ["/api/jobs/replay", "/api/jobs/discard"]) {
    expect(code(await ask("POST", path, {}))).toEqual([400, "REQUEST_ERROR"]);
    expect(code(await ask("POST", path, { limit: 5 }))).toEqual([400, "REQUEST_ERROR"]);
    expect(code(await ask("POST", path, { rule: "big", all: true }))).toEqual([400, "REQUEST_ERROR"]);
    expect(code(await ask("POST", path, { all: false }))).toEqual([400, "REQUEST_ERROR"]);
  }
});

test("events are shown with what the rules say, and with all digits of their numbers", async () => {
  const { body } = await ask("GET", "/api/events?limit=1");
  expect(body.events[0]).toMatchObject({ id: eventId, after: { population: BIG } });
  expect((await operating.events.latest(1))[0]?.after?.["population"]).toBeInstanceOf(ExactNumber);
  expect((await ask("GET", `/api/events/${encodeURIComponent(eventId)}`)).body).toMatchObject({
    decisions: [{ rule: "big", matched: true }],
  });
  expect(code(await ask("GET", "/api/events/none:1"))).toEqual([404, "NOT_FOUND"]);
});

test("status and breakers are told", async () => {
  expect((await ask("GET", "/api/status")).body).toMatchObject({
    ready: true,
    bus: { pending: 0 },
    queue: { available: 0 },
  });
  expect((await ask("GET", "/api/breakers")).body).toEqual({ breakers: [] });
});

test("without the token nothing is answered, whatever is asked", async () => {
  const wrong = [
    {},
    { authorization: "Bearer x" },
    { authorization: `Basic ${TOKEN}` },
    { authorization: `Bearer ${TOKEN}x` },
  ];
  for (const headers of wrong) {
    for (const { method, path } of [
      ...ENDPOINTS,
      { method: "get", path: "/api/openapi.json" },
      { method: "get", path: "/api/none" },
    ]) {
      const refused = await ask(method.toUpperCase(), path, undefined, { headers: { authorization: "", ...headers } });
      expect(code(refused)).toEqual([401, "UNAUTHENTICATED"]);
      expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    }
  }
});

test("where no token is asked for, pages of other sites are refused, be it under a name that leads here", async () => {
  const get = (headers: Record<string, string>, origin?: string) =>
    ask("GET", "/api/status", undefined, { token: null, headers, ...(origin === undefined ? {} : { origin }) });
  expect((await get({})).status).toBe(200);
  expect((await get({ origin: "http://localhost:3000" })).status).toBe(200);
  for (const origin of [
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
  ]) {
    expect(code(await get({ origin }))).toEqual([403, "FORBIDDEN"]);
  }
  expect(code(await get({ "sec-fetch-site": "cross-site" }))).toEqual([403, "FORBIDDEN"]);
  expect(code(await get({ "sec-fetch-site": "same-origin" }, "http://evil.example:8001"))).toEqual([403, "FORBIDDEN"]);
});

test("unknown query keys are refused at every endpoint, and bodies of every wrong kind", async () => {
  for (const { method, path, body } of ENDPOINTS) {
    const refused = await ask(method.toUpperCase(), `${path}?limt=1`, body === undefined ? undefined : {});
    expect([path, ...code(refused)]).toEqual([path, 400, "REQUEST_ERROR"]);
  }
  for (const limit of ["0", "1001", "x", "1.5", ""]) {
    expect(code(await ask("GET", `/api/jobs?limit=${limit}`))).toEqual([400, "REQUEST_ERROR"]);
  }
  const plan = "/api/rules/plan";
  expect(code(await ask("POST", plan, "{"))).toEqual([400, "REQUEST_ERROR"]);
  expect(code(await ask("POST", plan, "{}", { headers: { "content-type": "text/plain" } }))).toEqual([
    415,
    "UNSUPPORTED_MEDIA_TYPE",
  ]);
  expect(code(await ask("POST", plan, { rules: [], pad: "x".repeat(10_000) }))).toEqual([413, "PAYLOAD_TOO_LARGE"]);
  expect(code(await ask("POST", plan, { rules: [], more: 1 }))).toEqual([400, "REQUEST_ERROR"]);
  expect(code(await ask("GET", "/api/none"))).toEqual([404, "NOT_FOUND"]);
  expect(code(await ask("PATCH", "/api/rules"))).toEqual([404, "NOT_FOUND"]);
  expect(reported).toEqual([]);
});

test("a database that is away or too slow is 503 with a code and Retry-After, as the OpenAPI document says", async () => {
  for (const what of ["DATABASE_UNAVAILABLE", "STATEMENT_TIMEOUT"] as const) {
    const fault = new FraiseqlError(what, "Too slow.");
    const of = { ...operating, status: () => Promise.reject(fault) };
    const refused = await ask("GET", "/api/status", undefined, { of });
    expect([...code(refused), refused.headers.get("retry-after")]).toEqual([503, what, "1"]);
    expect(reported.splice(0)).toEqual([fault]);
  }
  const { body: document } = await ask("GET", "/api/openapi.json");
  expect(document.paths["/api/status"].get.responses[503].headers).toHaveProperty("Retry-After");
});

test("the OpenAPI document is one, as a validator of OpenAPI 3.1 sees it", async () => {
  const file = join(tmpdir(), `fraiseql-openapi-${process.pid}.json`);
  await Bun.write(file, JSON.stringify((await ask("GET", "/api/openapi.json")).body));
  try {
    const child = Bun.spawn([join(import.meta.dir, "../../node_modules/.bin/validate-api"), file], { stdout: "pipe" });
    expect(await new Response(child.stdout).json()).toEqual({ valid: true });
    expect(await child.exited).toBe(0);
  } finally {
    await rm(file);
  }
});

test("the OpenAPI document names every endpoint, its parameters and its errors", async () => {
  const { body: document } = await ask("GET", "/api/openapi.json");
  expect(Object.keys(document.paths["/api/rules/apply"].post.responses)).toEqual([
    "200",
    "409",
    "422",
    "503",
    "default",
  ]);
  expect(Object.keys(document.paths["/api/rules/{name}"].put.responses)).toEqual([
    "200",
    "409",
    "422",
    "503",
    "default",
  ]);
  expect([document.openapi, document.info.title]).toEqual(["3.1.0", "FraiseQL operating API"]);
  const named = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(named.toSorted()).toEqual(
    ENDPOINTS.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`).toSorted(),
  );
  expect(document.components.schemas.Error.properties.error.properties.code.enum).toEqual(Object.keys(ERRORS));
  for (const [path, methods] of Object.entries<Record<string, Body>>(document.paths)) {
    for (const operation of Object.values(methods)) {
      expect(operation.summary).toBeString();
      const inPath = operation.parameters
        .filter((one: { in: string }) => one.in === "path")
        .map(({ name }: { name: string }) => `{${name}}`);
      expect(inPath).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(
        operation.parameters.every(
          (one: { name: string; schema: object }) => one.name !== "" && typeof one.schema === "object",
        ),
      ).toBe(true);
      expect(operation.responses.default.content["application/json"].schema.$ref).toBe("#/components/schemas/Error");
      const answer: string = operation.responses[200].content["application/json"].schema.$ref;
      expect(document.components.schemas[answer.replace("#/components/schemas/", "")]).toHaveProperty("type");
    }
  }
});

test("what is rare in answers is as the OpenAPI document says, too: retries, replays, open breakers, parts that are away", async () => {
  const [first, second] = await operating.events.latest(2);
  await delivered(first?.id ?? "", "discarded");
  await stores.outbox.replayed([second?.id ?? "", first?.id ?? ""]);
  const shown = await ask("GET", `/api/events/${encodeURIComponent(first?.id ?? "")}`);
  expect(shown.body).toMatchObject({
    decided: { rulesVersion: 0 },
    deliveries: [{ lastError: "410 gone", state: "discarded" }],
    replays: [{ replay: 1, deliveries: [] }],
  });
  const receiver = { org: "acme", endpoint: "https://hooks.example" };
  for (let failure = 0; failure < 20; failure += 1) await stores.breakers.failed(receiver, `t${failure}`, "503");
  expect((await ask("GET", "/api/breakers")).body.breakers).toMatchObject([{ ...receiver, state: "open" }]);
  const away = operatingOf(
    { ...stores, queue: { ...stores.queue, counts: () => Promise.reject(new Error("gone")) } },
    SCOPE,
  );
  const status = await ask("GET", "/api/status", undefined, { of: away });
  expect(status.body).toMatchObject({ ready: false, queue: { unavailable: "gone" } });
});

test("every operation of the OpenAPI document has been seen to answer as it says", () => {
  expect([...answered].toSorted()).toEqual(documented.operations.toSorted());
});
