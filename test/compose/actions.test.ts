import { expect, test } from "bun:test";
import postgres from "postgres";
import { openActions } from "../../src/compose/actions.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { actionInput } from "../support/change-event.ts";
import { startReceiver } from "../support/webhook-receiver.ts";

const sql = postgres("postgres://nobody@127.0.0.1:1/none");
function open(env: Record<string, string>) {
  const config = loadConfig({ env: { DATABASE_URL: "postgres://me@host/db", ...env } });
  const environment = { SECRET_TOKEN: "t0ken", DATABASE_URL: "postgres://secret" };
  return openActions({ config, environment, sql, write: () => {}, wait: { now: Date.now } });
}

test("there is e-mail and publishing where there is a server for it", async () => {
  expect([...open({}).keys()]).toEqual(["webhook", "database", "log"]);
  const smtp = { FRAISEQL_SMTP_URL: "smtp://mail.example", FRAISEQL_SMTP_FROM: "Shop <shop@example.com>" };
  expect([...open(smtp).keys()]).toEqual(["webhook", "database", "log", "email"]);
  expect([...open({ NATS_URL: "ws://127.0.0.1:1" }).keys()]).toEqual(["webhook", "database", "log", "publish"]);
  for (const FRAISEQL_SMTP_FROM of ["", "shop", "a@x.example, b@x.example"]) {
    expect(() => open({ ...smtp, FRAISEQL_SMTP_FROM })).toThrow("smtp.from: expected one address");
  }
  expect(() => open({ FRAISEQL_SMTP_URL: "http://mail.example" })).toThrow("smtp.url: expected an address such as");
});

test("webhooks reach what the configuration opens, with the secrets it lists", async () => {
  const receiver = await startReceiver();
  const url = `http://127.0.0.1:${receiver.port}/`;
  const run = (env: Record<string, string>, reference: string) =>
    open(env)
      .get("webhook")
      ?.run(actionInput({ url, secretHeaders: { authorization: reference } }));
  const local = { FRAISEQL_WEBHOOKS_ALLOWED_NETWORKS: "127.0.0.0/8, ::1/128" };
  expect((await run({}, "${env://SECRET_TOKEN}"))?.kind).toBe("permanent");
  expect((await run(local, "${env://DATABASE_URL}"))?.kind).toBe("retryable");
  expect((await run(local, "${env://SECRET_TOKEN}"))?.kind).toBe("done");
  expect(receiver.received.map(({ headers }) => headers["authorization"])).toEqual(["t0ken"]);
  await receiver.stop();
  expect(() => open({ FRAISEQL_WEBHOOKS_ALLOWED_NETWORKS: "10.0.0.0" })).toThrow("expected a network");
  expect(() => open({ FRAISEQL_WEBHOOKS_ALLOWED_NETWORKS: "10.0.0.0/99" })).toThrow("webhooks.allowedNetworks");
});
