/** What is special about webhooks; what every action does is in its contract. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { createWebhookAction, type WebhookActionOptions } from "../../../src/adapters/webhook/webhook-action.ts";
import { ExactNumber, type JsonObject } from "../../../src/core/events/json.ts";
import type { Action } from "../../../src/ports/action.ts";
import { actionInput, CITY_EVENT } from "../../support/change-event.ts";
import { fixedSecrets } from "../../support/secrets.ts";
import { ok, startReceiver, status, type WebhookReceiver } from "../../support/webhook-receiver.ts";

const tls = (name: string) => readFileSync(join(import.meta.dir, "../../support/tls", name), "utf8");
const keyOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString("base64")}`;
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

let receiver: WebhookReceiver;
let opened: Action[] = [];
const webhook = (changes: Partial<WebhookActionOptions> = {}): Action => {
  const secrets = fixedSecrets({ OLD: keyOf(1), NEW: keyOf(2), TOKEN: "t0ken", BAD: "whsec_c2hvcnQ=" });
  const action = createWebhookAction({
    secrets,
    allowedNetworks: ["127.0.0.0/8"],
    ports: [443],
    now: Date.now,
    ...changes,
  });
  opened.push(action);
  return action;
};
const run = (options: JsonObject, changes: Partial<WebhookActionOptions> = {}) =>
  webhook(changes).run(actionInput({ url: `http://127.0.0.1:${receiver.port}/hook`, ...options }));

beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  for (const action of opened) await action.close?.();
  opened = [];
  await receiver.stop();
});

describe("what is sent", () => {
  test("the event, as Standard Webhooks shapes it, when a rule has no body of its own", async () => {
    await run({});
    const [{ method, path, headers, body } = never()] = receiver.received;
    expect([method, path, headers["content-type"]]).toEqual(["POST", "/hook", "application/json"]);
    expect(headers["traceparent"]).toBe("00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01");
    const { traceparent, cause, position, ...data } = CITY_EVENT;
    expect([traceparent, cause, position]).toBeDefined();
    expect(JSON.parse(body)).toEqual({ type: "public.cities.update", timestamp: CITY_EVENT.occurredAt, data });
  });

  test("a number that a double would round keeps its digits", async () => {
    const after = { id: new ExactNumber("9007199254740993") };
    const input = actionInput({ url: `http://127.0.0.1:${receiver.port}/` }, { event: { ...CITY_EVENT, after } });
    await webhook().run(input);
    expect(receiver.received[0]?.body).toContain('"after":{"id":9007199254740993}');
  });

  test("the rule's method, headers, secret headers and body", async () => {
    const headers = { "X-City": "Aarhus" };
    const secretHeaders = { authorization: "Bearer ${env://TOKEN}" };
    await run({ method: "PUT", headers, secretHeaders, body: '{"name":"Århus"}' });
    await run({ text: "Århus", contentType: "text/plain; charset=utf-8" });
    const [first = never(), second = never()] = receiver.received;
    expect([first.method, first.headers["authorization"], first.body]).toEqual([
      "PUT",
      "Bearer t0ken",
      '{"name":"Århus"}',
    ]);
    expect(first.headers["x-city"]).toBe("Aarhus");
    expect([second.headers["content-type"], second.body]).toEqual(["text/plain; charset=utf-8", "Århus"]);
  });

  test("an address that is a secret is called, and not shown", async () => {
    const url = `http://127.0.0.1:${receiver.port}/services/T0/s3cret`;
    const action = webhook({ secrets: fixedSecrets({ SLACK: url }) });
    const outcome = await action.run(actionInput({ urlFrom: "${env://SLACK}" }));
    expect([outcome.kind, receiver.received[0]?.path]).toEqual(["done", "/services/T0/s3cret"]);
    expect(JSON.stringify(outcome)).not.toContain("s3cret");
  });

  test("an address that is a secret is not told by a receiver that repeats it either", async () => {
    const address = `http://127.0.0.1:${receiver.port}/services/T0/s3cret%20key?token=k3y-of-ours`;
    const action = webhook({ secrets: fixedSecrets({ SLACK: address }) });
    receiver.answer = ({ path }, response) =>
      response
        .writeHead(404)
        .end(`Cannot POST ${path} (${decodeURIComponent(path)}), no token k3y-of-ours, no s3cret key`);
    const outcome = await action.run(actionInput({ urlFrom: "${env://SLACK}" }));
    expect("facts" in outcome && outcome.facts.response).toBe("Cannot POST *** (***), no token ***, no ***");
  });

  test("nor is its name by a look-up or a refusal", async () => {
    const secrets = fixedSecrets({ HOOK: "https://s3cret.example/" });
    for (const addresses of [[], [{ address: "10.0.0.1", family: 4 }]]) {
      const action = webhook({ secrets, resolve: async () => addresses });
      const outcome = await action.run(actionInput({ urlFrom: "${env://HOOK}" }));
      expect("reason" in outcome && outcome.reason).toBe(
        addresses.length === 0 ? "The name *** could not be resolved." : "*** may not be called: it is private.",
      );
    }
  });
});

describe("signatures", () => {
  test("verify with each of two live keys, as the library of Standard Webhooks sees it", async () => {
    await run({ signingKeys: ["${env://NEW}", "${env://OLD}"] });
    const [{ headers, body } = never()] = receiver.received;
    for (const key of [keyOf(1), keyOf(2)]) {
      expect(new Webhook(key).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
    }
    expect(() => new Webhook(keyOf(3)).verify(body, headers as Record<string, string>)).toThrow();
    expect(() => new Webhook(keyOf(1)).verify(`${body} `, headers as Record<string, string>)).toThrow();
    expect(headers["webhook-id"]).toBe(String(headers["idempotency-key"]));
  });

  test("have the time of the attempt, in seconds, and an id without a full stop", async () => {
    await run({ signingKeys: ["${env://NEW}"] }, { now: () => NOW });
    const { headers } = receiver.received[0] ?? never();
    expect([headers["webhook-timestamp"], headers["webhook-id"]]).toEqual([
      String(NOW / 1_000),
      "k3x9:17:big%2Ecity@3:0",
    ]);
  });

  test("are never made with a key that is too short", async () => {
    const outcome = await run({ signingKeys: ["${env://BAD}"] });
    expect([outcome.kind, receiver.received.length]).toEqual(["permanent", 0]);
    expect(JSON.stringify(outcome)).not.toContain("c2hvcnQ");
  });

  test("wait for a secret that is not there", async () => {
    const outcome = await run({ signingKeys: ["${env://NONE}"] });
    expect([outcome.kind, receiver.received.length]).toEqual(["retryable", 0]);
  });
});

describe("answers", () => {
  const kinds: Readonly<Record<string, readonly number[]>> = {
    done: [200, 201, 202, 204, 299],
    retryable: [408, 425, 429, 500, 502, 503, 504, 599],
    permanent: [300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 409, 411, 413, 422, 451],
    disabled: [410],
  };
  for (const [kind, codes] of Object.entries(kinds)) {
    test(`${kind}: ${codes.join(", ")}`, async () => {
      const action = webhook();
      for (const code of codes) {
        receiver.answer = status(code, { location: `http://127.0.0.1:${receiver.port}/elsewhere` });
        const outcome = await action.run(actionInput({ url: `http://127.0.0.1:${receiver.port}/hook` }));
        expect({ code, ...outcome }).toMatchObject({ code, kind, facts: { status: code } });
      }
      expect(new Set(receiver.received.map(({ path }) => path))).toEqual(new Set(["/hook"]));
    });
  }

  test("Retry-After is seconds or a date, and at most a day", async () => {
    const pauses: Record<string, number | undefined> = {
      "120": 120_000,
      "0": 0,
      "99999999": 86_400_000,
      "Fri, 02 Jan 2026 03:06:05 GMT": 120_000,
      "Thu, 01 Jan 2026 00:00:00 GMT": 0,
      "Sat, 02 Jan 2027 03:06:05 GMT": 86_400_000,
      "-1": undefined,
      "1.5": undefined,
      soon: undefined,
      "2026": 2_026_000,
    };
    for (const [value, retryAfterMs] of Object.entries(pauses)) {
      receiver.answer = status(503, { "retry-after": value });
      const outcome = await run({}, { now: () => NOW });
      expect([value, outcome.kind === "retryable" ? outcome.retryAfterMs : "none"]).toEqual([value, retryAfterMs]);
    }
  });

  test("what it said is kept, up to 2 kB", async () => {
    receiver.answer = (_received, response) => response.end(`begin ${"é".repeat(5_000)}`);
    const outcome = await run({});
    const { response = "" } = "facts" in outcome ? outcome.facts : {};
    expect([response.startsWith("begin éé"), response.endsWith("é…"), Buffer.byteLength(response)]).toEqual([
      true,
      true,
      2_047,
    ]);
  });
});

describe("over TLS", () => {
  const certified = { cert: tls("localhost.crt"), key: tls("localhost.key") };
  const resolve = async () => [{ address: "127.0.0.1", family: 4 }];

  test("the receiver's certificate is held against the name, not the address, whatever connections are open", async () => {
    const secure = await startReceiver(certified);
    const action = webhook({ resolve, authorities: certified.cert });
    const call = (host: string) => action.run(actionInput({ url: `https://${host}:${secure.port}/` }));
    expect((await call("localhost")).kind).toBe("done");
    const other = await call("other.example");
    expect([other.kind, "reason" in other && /ALTNAME/.test(other.reason)]).toEqual(["retryable", true]);
    expect((await call("localhost")).kind).toBe("done");
    expect(secure.received.map(({ headers }) => headers.host)).toEqual(Array(2).fill(`localhost:${secure.port}`));
    await secure.stop();
  });

  test("an authority that is not trusted gets nothing", async () => {
    const secure = await startReceiver(certified);
    const outcome = await webhook({ resolve }).run(actionInput({ url: `https://localhost:${secure.port}/` }));
    expect([outcome.kind, secure.received.length]).toEqual(["retryable", 0]);
    await secure.stop();
  });
});

test("a server of one origin is one endpoint; a secret address is one by its reference", () => {
  const { endpoint } = webhook();
  expect(endpoint?.({ url: "https://Example.com/a/7?b" })).toBe("https://example.com");
  expect(endpoint?.({ urlFrom: "${env://SLACK}" })).toBe("${env://SLACK}");
  expect(endpoint?.({})).toBeUndefined();
});

test("receivers that close idle connections are connected to anew", async () => {
  const action = webhook();
  const options = { url: `http://127.0.0.1:${receiver.port}/hook` };
  receiver.answer = (_received, response) => {
    response.setHeader("connection", "close");
    ok(_received, response);
  };
  for (let i = 0; i < 3; i += 1) expect((await action.run(actionInput(options))).kind).toBe("done");
});

function never(): never {
  throw new Error("nothing was received");
}
