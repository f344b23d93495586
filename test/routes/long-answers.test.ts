/** What a server is told of a table's time: a client that stalls must not be taken for one that has gone. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createApp } from "../../routes/app.ts";
import { type ExportsApp, exportsApp } from "./exports-app.ts";

let served: ExportsApp;
beforeAll(async () => {
  served = await exportsApp();
});
afterAll(() => served.close());

/** Asks for a table; `told` fills with what the server hears meanwhile. */
async function ask(query: string, headers: Record<string, string> = {}) {
  const told: string[] = [];
  const app = createApp({ ...served.edge, longAnswer: (_, part) => void told.push(part) });
  const accept = "application/vnd.apache.arrow.stream";
  const response = await app.request(`/graphql?${new URLSearchParams({ query })}`, { headers: { accept, ...headers } });
  return { told, response };
}

test("a table has no end of its time until all of it is made, however long nobody reads", async () => {
  const { told, response } = await ask("{ manies { id word } }");
  const reader = response.body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  expect(told).toEqual(["begins"]);
  while (!(await reader?.read())?.done);
  expect(told).toEqual(["begins", "is made"]);
});

test("what is whole at once, unchanged or refused is made when the answer begins", async () => {
  const { told, response } = await ask("{ rivers { name } }");
  expect(told).toEqual(["begins", "is made"]);
  const tag = response.headers.get("etag") as string;
  const again = await ask("{ rivers { name } }", { "if-none-match": tag });
  expect([again.response.status, again.told]).toEqual([304, ["begins", "is made"]]);
  const refused = await ask("{ none }");
  expect([refused.response.status, refused.told]).toEqual([400, ["begins", "is made"]]);
});
