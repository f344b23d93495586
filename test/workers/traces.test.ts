/** One trace from who changed a row to the last attempt at its webhook, at the receiver and at a collector of spans. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startCommand } from "../cli/command-line.ts";
import { until } from "../support/until.ts";
import { startReceiver, type WebhookReceiver } from "../support/webhook-receiver.ts";
import { workerWorld } from "./worker-process.ts";

/** https://github.com/open-telemetry/opentelemetry-proto/blob/v1.3.0/opentelemetry/proto/trace/v1/trace.proto, as JSON. */
type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number };
};

const FAILURES = 2;
let world: Awaited<ReturnType<typeof workerWorld>>;
let collector: WebhookReceiver;
let server: ReturnType<typeof startCommand>;
let graphql = "";
beforeAll(async () => {
  collector = await startReceiver();
  const telemetry = `tracesUrl = "http://127.0.0.1:${collector.port}/v1/traces"\ntracesAuthorization = "Basic c3Bhbg=="`;
  world = await workerWorld("workers_trace", `[telemetry]\n${telemetry}\n`);
  const times = new Map<string, number>();
  world.receiver.answer = ({ path }, response) => {
    const seen = times.get(path) ?? 0;
    times.set(path, seen + 1);
    response.writeHead(seen < FAILURES ? 503 : 200).end();
  };
  await world.start();
  server = startCommand(world.place.folder, world.database.url, ["serve", "--port", "0"]);
  const { value } = await server.stdout.getReader().read();
  graphql = /http:\S+/.exec(new TextDecoder().decode(value))?.[0] ?? "";
}, 60_000);
afterAll(async () => {
  server.kill("SIGKILL");
  await server.exited;
  await world.close();
  await collector.stop();
});

async function insert(id: number, headers: Record<string, string> = {}): Promise<void> {
  const body = JSON.stringify({ query: `mutation { insertCity(values: { id: ${id}, name: "a" }) { id } }` });
  const response = await fetch(graphql, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  expect(await response.json()).toEqual({ data: { insertCity: { id } } });
}

const spans = (): Span[] =>
  collector.received.flatMap(({ body }) =>
    JSON.parse(body).resourceSpans.flatMap((one: { scopeSpans: { spans: Span[] }[] }) =>
      one.scopeSpans.flatMap((scope) => scope.spans),
    ),
  );

/** All attempts at the webhook of that city, as the receiver and the collector have them. */
async function followed(id: number): Promise<{ readonly traceId: string; readonly decision: Span }> {
  const attempts = () => world.receiver.received.filter(({ path }) => path === `/${id}`);
  await until(() => attempts().length === FAILURES + 1);
  const headers = attempts().map(({ headers }) => String(headers["traceparent"]).split("-"));
  const traceId = headers[0]?.[1] ?? "";
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  const own = () => spans().filter((span) => span.traceId === traceId);
  await until(() => own().length === FAILURES + 2);
  const [decision, ...made] = own().toSorted((a, b) => b.kind - a.kind);
  if (decision === undefined) throw new Error("no span of the decision");
  // Each attempt is a span of its own below the decision, and the receiver was told which.
  expect(made.map(({ spanId }) => ["00", traceId, spanId, "01"])).toEqual(headers);
  expect(made.map(({ name, kind, status, parentSpanId }) => [name, kind, status.code, parentSpanId])).toEqual(
    [2, 2, 1].map((code) => ["webhook made", 3, code, decision.spanId]),
  );
  for (const { startTimeUnixNano, endTimeUnixNano } of own()) {
    expect(startTimeUnixNano).toMatch(/^\d{19}$/);
    expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
  }
  return { traceId, decision };
}

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

test("the trace of a mutation's request goes on through every attempt", async () => {
  await insert(1, { traceparent: `00-${TRACE}-${PARENT}-01` });
  const { traceId, decision } = await followed(1);
  expect([traceId, decision.parentSpanId, decision.name]).toEqual([TRACE, PARENT, "decide public.city"]);
}, 60_000);

test("so does the trace that a writer over SQL names", async () => {
  const trace = TRACE.replaceAll("0", "1");
  await world.sql(
    `begin; set local fraiseql.traceparent = '00-${trace}-${PARENT}-01'; insert into city values (2, 'a'); commit`,
  );
  const { traceId, decision } = await followed(2);
  expect([traceId, decision.parentSpanId]).toEqual([trace, PARENT]);
}, 60_000);

test("a mutation whose request has no trace begins one for all its rows", async () => {
  const query = `mutation { insertCities(values: [{ id: 3, name: "a" }, { id: 4, name: "b" }]) { id } }`;
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query }) };
  expect((await fetch(graphql, init)).status).toBe(200);
  const headers = () => world.receiver.received.filter(({ path }) => ["/3", "/4"].includes(path));
  await until(() => headers().length === 2 * (FAILURES + 1));
  expect(new Set(headers().map(({ headers }) => String(headers["traceparent"]).split("-")[1])).size).toBe(1);
}, 60_000);

test("a change over SQL without a trace begins one at its decision", async () => {
  await world.sql("insert into city values (5, 'a')");
  expect((await followed(5)).decision.parentSpanId).toBe("");
}, 60_000);

test("the collector gets spans alone, as JSON, with what it asks for to be let in", () => {
  for (const { method, path, headers } of collector.received) {
    expect([method, path, headers["content-type"], headers["authorization"]]).toEqual([
      "POST",
      "/v1/traces",
      "application/json",
      "Basic c3Bhbg==",
    ]);
  }
});
