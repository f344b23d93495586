/** The audits of graphql-http, the reference suite of the GraphQL-over-HTTP specification, against a served app. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { serverAudits } from "graphql-http";
import { type CountryApp, countryApp } from "./country-app.ts";

let served: CountryApp;
let server: ReturnType<typeof Bun.serve>;
beforeAll(async () => {
  served = await countryApp();
  server = Bun.serve({ port: 0, fetch: served.app.fetch });
});
afterAll(async () => {
  await server.stop(true);
  await served.close();
});

const audits = serverAudits({ url: () => new URL("/graphql", server.url).href, fetchFn: fetch });

test("the suite has all its audits", () => {
  expect(audits.length).toBe(61);
});

test.each(audits.map((audit) => [audit.id, audit.name, audit] as const))("%s: %s", async (_id, _name, audit) => {
  const result = await audit.fn();
  expect(result).toMatchObject({ status: "ok" });
});
