/** The schema for GraphiQL. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { buildClientSchema, getIntrospectionQuery } from "graphql";
import { type CountryApp, countryApp } from "./country-app.ts";

let open: CountryApp;
beforeAll(async () => {
  open = await countryApp();
}, 60_000);
afterAll(() => open.close());

const ask = (app: CountryApp["app"], query: string) =>
  app.request("/graphql/introspection", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, operationName: query.startsWith("query Intro") ? "IntrospectionQuery" : null }),
  });

test("the whole schema is told", async () => {
  const { data } = (await (await ask(open.app, getIntrospectionQuery())).json()) as { data: never };
  expect(buildClientSchema(data).getQueryType()?.getFields()["countries"]).toBeDefined();
});

test("an operation is refused, with the place to send it to", async () => {
  const response = await ask(open.app, "{ countries { name } }");
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("send operations to /graphql");
});

test("a long body is refused", async () => {
  expect((await ask(open.app, `{ __typename }${" ".repeat(70_000)}`)).status).toBe(413);
});

test("where introspection or GraphiQL is off there is nothing", async () => {
  for (const changes of [{ shownSchema: undefined }, { showsGraphiql: false }]) {
    const closed = await countryApp(changes);
    expect((await ask(closed.app, getIntrospectionQuery())).status).not.toBe(200);
    await closed.close();
  }
});
