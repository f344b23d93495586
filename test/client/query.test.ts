import { afterEach, describe, expect, test } from "bun:test";
import { ClientError, type ClientOptions, createClient, GraphqlError } from "../../src/client/mod.ts";
import { ERRORS } from "../../src/core/errors.ts";
import { type Answering, type Answers, answering, data, failure } from "./answering.ts";

let server: Answering | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

function connect(answers: Answers, options: Partial<ClientOptions> = {}) {
  const started = answering(...answers);
  server = started;
  return { client: createClient({ url: started.url, retry: { delayMs: 1 }, ...options }), requests: started.requests };
}

async function thrown<T extends Error>(promise: Promise<unknown>, type: new (...args: never[]) => T): Promise<T> {
  const error = await promise.then(
    () => new Error("nothing was thrown"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(type);
  return error as T;
}

describe("an operation", () => {
  test("is sent with its variables and headers, and its data comes back", async () => {
    const { client, requests } = connect([data({ film: { title: "ACE GOLDFINGER" } })], {
      headers: { authorization: "Bearer abc" },
    });
    const query = "query Film($id: Int!) { film(filmId: $id) { title } }";
    expect(await client.query(query, { id: 2 })).toEqual({ film: { title: "ACE GOLDFINGER" } });
    expect(requests[0]?.body).toEqual({ query, variables: { id: 2 } });
    expect(requests[0]?.headers.get("authorization")).toBe("Bearer abc");
    expect(requests[0]?.headers.get("content-type")).toBe("application/json");
    expect(requests[0]?.headers.get("accept")).toStartWith("application/graphql-response+json");
  });

  test("asks for its headers anew each time", async () => {
    let token = 0;
    const { client, requests } = connect([failure("DATABASE_UNAVAILABLE", 503), data({})], {
      headers: async () => ({ authorization: `Bearer ${++token}` }),
    });
    await client.query("{ a }");
    expect(requests.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer 1", "Bearer 2"]);
  });

  test("goes through the fetch that was given", async () => {
    const client = createClient({
      url: "/graphql",
      fetch: async (url, { body }) => Response.json({ data: { url, body } }),
    });
    expect(await client.query("{ a }")).toEqual({ url: "/graphql", body: '{"query":"{ a }","variables":{}}' });
  });

  test("that was aborted rejects with the reason of its signal", async () => {
    const gone = new AbortController();
    const { client } = connect([() => new Promise<Response>(() => gone.abort(new Error("left the page")))]);
    await expect(client.query("{ a }", {}, { signal: gone.signal })).rejects.toThrow("left the page");
  });
});

describe("errors", () => {
  test("are thrown with their codes, and with what there is of the data", async () => {
    const errors = [
      { message: "too long", path: ["films"], extensions: { code: "PAGE_LIMIT", limit: 10 } },
      { message: "and another", extensions: { code: "BAD_CURSOR" } },
    ];
    const { client } = connect([() => Response.json({ data: { films: null }, errors })]);
    const error = await thrown(client.query("{ films { title } }"), GraphqlError);
    expect(error).toMatchObject({ code: "PAGE_LIMIT", message: "too long", status: 200, data: { films: null } });
    expect(error.errors).toEqual(errors);
  });

  test("of another server are told from ours", async () => {
    const { client } = connect([() => new Response("<h1>Not here</h1>", { status: 404 })]);
    expect(await thrown(client.query("{ a }"), ClientError)).toMatchObject({
      code: "UNEXPECTED_RESPONSE",
      status: 404,
    });
  });

  test("of the network say which address it was, and are not tried again", async () => {
    let calls = 0;
    const client = createClient({
      url: "http://127.0.0.1:1/graphql",
      fetch: (url, init) => {
        calls += 1;
        return fetch(url, init);
      },
    });
    const error = await thrown(client.query("{ a }"), ClientError);
    expect(error.code).toBe("UNREACHABLE");
    expect(error.message).toContain("http://127.0.0.1:1/graphql");
    expect(error.cause).toBeInstanceOf(Error);
    expect(calls).toBe(1);
  });
});

describe("another attempt", () => {
  test.each(Object.entries(ERRORS))("%s is made again only if the server's table says so", async (code, row) => {
    const { client, requests } = connect([failure(code, row.status), data({ fine: true })]);
    const answer = client.query("{ fine }").catch((error: ClientError) => error.code as never);
    expect(await answer).toEqual(row.retryable ? ({ fine: true } as never) : (code as never));
    expect(requests).toHaveLength(row.retryable ? 2 : 1);
  });

  test.each([429, 502, 503, 504])("a proxy's %d is tried again", async (status) => {
    const { client } = connect([() => new Response("busy", { status }), data({ fine: true })]);
    expect(await client.query("{ fine }")).toEqual({ fine: true });
  });

  test("ends after as many as were allowed, with the last error", async () => {
    const { client, requests } = connect([failure("DATABASE_UNAVAILABLE", 503)], {
      retry: { attemptsMax: 4, delayMs: 1 },
    });
    expect((await thrown(client.query("{ a }"), GraphqlError)).code).toBe("DATABASE_UNAVAILABLE");
    expect(requests).toHaveLength(4);
  });

  test("waits as long as Retry-After asks", async () => {
    const { client } = connect([failure("DATABASE_UNAVAILABLE", 503, { "retry-after": "1" }), data({})]);
    const start = performance.now();
    await client.query("{ a }");
    expect(performance.now() - start).toBeGreaterThanOrEqual(990);
  });

  test("is not made when Retry-After asks for more than the longest wait", async () => {
    const later = new Date(Date.now() + 3_600_000).toUTCString();
    const { client, requests } = connect([failure("DATABASE_UNAVAILABLE", 503, { "retry-after": later }), data({})]);
    const error = await thrown(client.query("{ a }"), GraphqlError);
    expect(error.retryAfterMs).toBeGreaterThan(3_500_000);
    expect(requests).toHaveLength(1);
  });

  test.each(["DATABASE_UNAVAILABLE", "STATEMENT_TIMEOUT"])(
    "is never made of a mutation, which may have happened: %s",
    async (code) => {
      const { client, requests } = connect([failure(code, 503, { "retry-after": "0" }), data({})]);
      await thrown(client.query("mutation Rent { rent(filmId: 1) { ok } }"), GraphqlError);
      expect(requests).toHaveLength(1);
    },
  );

  test("is given up as soon as the signal aborts", async () => {
    const gone = new AbortController();
    const start = performance.now();
    const { client, requests } = connect(
      [
        () => {
          setTimeout(() => gone.abort(new Error("left the page")), 10);
          return failure("DATABASE_UNAVAILABLE", 503, { "retry-after": "15" })();
        },
      ],
      {},
    );
    await expect(client.query("{ a }", {}, { signal: gone.signal })).rejects.toThrow("left the page");
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(requests).toHaveLength(1);
  });
});
