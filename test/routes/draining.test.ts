import { describe, expect, test } from "bun:test";
import { createApp } from "../../routes/app.ts";
import { createDraining } from "../../routes/draining.ts";
import type { RouteParts } from "../../routes/route-parts.ts";

const PARTS: RouteParts = {
  answer: async () => ({ status: 200, failed: false, body: new TextEncoder().encode('{"data":{}}') }),
  table: () => Promise.reject(new Error("no table is asked for here")),
  ready: () => Promise.resolve(),
  report: () => {},
  bodyBytesMax: 1_000,
  showsGraphiql: false,
  shownSchema: undefined,
  allowedHosts: undefined,
};

function server() {
  const draining = createDraining(PARTS);
  const app = createApp(draining.parts);
  const ask = async (path: string) => draining.answered(app.request(`http://a.example${path}`));
  return { begin: draining.begin, ask };
}

const QUERY = "/graphql?query={a}";

describe("a server that is told to stop", () => {
  test("is ready and keeps connections before", async () => {
    const { ask } = server();
    expect((await ask("/health/ready")).status).toBe(200);
    expect((await ask(QUERY)).headers.get("connection")).toBeNull();
  });

  test("says that it is not ready, and why", async () => {
    const { ask, begin } = server();
    begin();
    const ready = await ask("/health/ready");
    expect([ready.status, (await ready.json()).code]).toEqual([503, "SERVER_STOPPING"]);
    expect((await ask("/health/live")).status).toBe(200);
  });

  test("answers as before, each time for the last time on its connection", async () => {
    const { ask, begin } = server();
    begin();
    for (const path of [QUERY, "/graphql?query={", "/health/ready", "/nowhere"]) {
      expect((await ask(path)).headers.get("connection")).toBe("close");
    }
    const answer = await ask(QUERY);
    expect([answer.status, await answer.text()]).toEqual([200, '{"data":{}}']);
  });

  test("a later answer of the same kind to another server keeps its connection", async () => {
    const [stopping, other] = [server(), server()];
    stopping.begin();
    await stopping.ask(QUERY);
    expect((await other.ask(QUERY)).headers.get("connection")).toBeNull();
  });
});
