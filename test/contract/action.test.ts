/** Every action keeps the promises of its port. */
import { describe, test } from "bun:test";
import { connect } from "nats.ws";
import { createEmailAction, messageId } from "../../src/adapters/email/email-action.ts";
import { createLogAction } from "../../src/adapters/log/log-action.ts";
import { createPublishAction } from "../../src/adapters/nats/publish-action.ts";
import { createDatabaseAction } from "../../src/adapters/postgres/action/database-action.ts";
import { createWebhookAction } from "../../src/adapters/webhook/webhook-action.ts";
import { startMailServer } from "../support/mail-server.ts";
import { migratedDatabase } from "../support/migrated.ts";
import { NATS_MISSING, startNats } from "../support/nats-server.ts";
import { fixedSecrets } from "../support/secrets.ts";
import { startReceiver, status } from "../support/webhook-receiver.ts";
import { ACTION_CONTRACT, type ActionWorld } from "./action-contract.ts";

type OpenedWorld = ActionWorld & { stop(): Promise<void> };

function holds(name: string, openWorld: () => Promise<OpenedWorld>, missing?: string): void {
  describe(`Action: ${name}${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
    for (const [sentence, promise] of Object.entries(ACTION_CONTRACT)) {
      test.skipIf(missing !== undefined)(
        sentence,
        async () => {
          const world = await openWorld();
          const action = world.open();
          try {
            await promise(world, action);
          } finally {
            await action.close?.();
            await world.stop();
          }
        },
        30_000,
      );
    }
  });
}

const SECRETS = { SECRET_TOKEN: "tok-en/+ 1", SECRET_KEY: `whsec_${Buffer.alloc(24, 7).toString("base64")}` };

holds("webhook", async () => {
  const receiver = await startReceiver();
  const url = `http://127.0.0.1:${receiver.port}/hook`;
  const options = {
    url,
    secretHeaders: { authorization: "Bearer ${env://SECRET_TOKEN}" },
    signingKeys: ["${env://SECRET_KEY}"],
  };
  const wrong = (path: (string | number)[], change: object) => ({ path, options: { ...options, ...change } });
  return {
    open: () =>
      createWebhookAction({
        secrets: fixedSecrets(SECRETS),
        allowedNetworks: ["127.0.0.0/8"],
        ports: [443],
        now: () => Date.now(),
      }),
    options,
    secrets: Object.values(SECRETS),
    mistakes: [
      wrong(["url"], { url: "ftp://example.com/" }),
      wrong(["url"], { url: "https://{{ new.host }}/" }),
      wrong(["url"], { url: "https://ann:pw@example.com/" }),
      wrong(["url"], { url: "https://example.com/${env://SECRET_TOKEN}" }),
      wrong(["url"], { urlFrom: "${env://SECRET_TOKEN}" }),
      wrong(["urll"], { urll: url }),
      wrong(["method"], { method: "GET" }),
      wrong(["headers", "x-token"], { headers: { "x-token": "${env://SECRET_TOKEN}" } }),
      wrong(["headers", "host"], { headers: { host: "example.com" } }),
      wrong(["secretHeaders", "webhook-id"], { secretHeaders: { "webhook-id": "1" } }),
      wrong(["secretHeaders", "x"], { secretHeaders: { x: "{{ new.name }}" } }),
      wrong(["secretHeaders", "x"], { secretHeaders: { x: "${vault://a}" } }),
      wrong(["signingKeys", 0], { signingKeys: [SECRETS.SECRET_KEY] }),
      wrong(["contentType"], { text: "hello" }),
    ],
    behave: {
      accept: async () => {
        receiver.answer = (_received, response) => response.end("ok");
      },
      refuse: async () => {
        receiver.answer = status(422);
      },
      fail: async () => {
        receiver.answer = status(503);
      },
      absent: receiver.stop,
      silent: async () => {
        receiver.answer = () => {};
      },
      echo: async () => {
        receiver.answer = ({ headers, body }, response) => response.end(JSON.stringify({ headers, body }).repeat(200));
      },
    },
    arrived: async () => receiver.received.map(({ headers }) => String(headers["idempotency-key"])),
    shownId: (id) => id.replaceAll(".", "%2E"),
    connections: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return receiver.connections();
    },
    stop: receiver.stop,
  };
});

holds("log", async () => {
  const lines: string[] = [];
  const keep = async (line: string): Promise<void> => {
    lines.push(line);
  };
  let write = keep;
  return {
    open: () => createLogAction({ write: (line) => write(line), now: () => Date.now() }),
    options: { message: "Århus grew", level: "warn" },
    secrets: [],
    mistakes: [
      { path: ["message"], options: {} },
      { path: ["level"], options: { message: "a", level: "loud" } },
      { path: ["mesage"], options: { message: "a", mesage: "b" } },
      { path: ["message"], options: { message: "${env://SECRET_TOKEN}" } },
    ],
    behave: {
      accept: async () => {
        write = keep;
      },
      fail: async () => {
        write = async () => {
          throw new Error("EPIPE");
        };
      },
    },
    arrived: async () => lines.map((line) => JSON.parse(line).id),
    shownId: (id) => id,
    stop: async () => {},
  };
});

holds("database", async () => {
  const database = await migratedDatabase("action");
  const { sql } = database;
  await sql`create table public.calls (id text, payload jsonb)`;
  const body = (text: string) =>
    sql.unsafe(`create or replace function public.on_city(payload jsonb, id text) returns text language plpgsql as $$
      begin ${text} return null; end $$`);
  const accept = async () => {
    await body("insert into public.calls values (id, payload); return repeat(payload::text, 50);");
  };
  await accept();
  const options = { function: "public.on_city", payload: '{"name":"Århus"}' };
  const wrong = (path: string[], change: object) => ({ path, options: { ...options, ...change } });
  return {
    open: () => createDatabaseAction(sql),
    options,
    secrets: [],
    mistakes: [
      { path: ["function"], options: {} },
      wrong(["function"], { function: "on_city" }),
      wrong(["function"], { function: "pg_catalog.on_city" }),
      wrong(["function"], { function: "fraiseql.on_city" }),
      wrong(["payload"], { payload: 7 }),
      wrong(["payload"], { payload: "${env://SECRET_TOKEN}" }),
      wrong(["functoin"], { functoin: "a.b" }),
    ],
    behave: {
      accept,
      refuse: async () => {
        await body("insert into public.calls values (id, payload); raise exception 'not this one';");
      },
      fail: async () => {
        await body("raise exception 'later' using errcode = 'lock_not_available';");
      },
      silent: async () => {
        await body("insert into public.calls values (id, payload); perform pg_sleep(60);");
      },
    },
    arrived: async () => (await sql<{ id: string }[]>`select id from public.calls`).map(({ id }) => id),
    shownId: (id) => id,
    stop: database.drop,
  };
});

holds("email", async () => {
  const server = await startMailServer();
  const options = {
    to: ["Ann <ann@example.com>", "bob@example.com"],
    cc: ["cy@example.com"],
    subject: "Århus grew",
    text: "It has 290,598 people.",
    html: "<p>It has 290,598 people.</p>",
  };
  const wrong = (path: (string | number)[], change: object) => ({ path, options: { ...options, ...change } });
  return {
    open: () =>
      createEmailAction({
        url: `smtp://ann:${encodeURIComponent(server.password)}@localhost:${server.port}`,
        from: "Shop <shop@example.com>",
        tls: "required",
        authorities: server.certificate,
      }),
    options,
    secrets: [server.password],
    mistakes: [
      wrong(["to", 1], { to: ["ann@example.com", "ann@example.com, eve@example.com"] }),
      wrong(["to"], { to: [] }),
      wrong(["replyTo"], { replyTo: "nobody" }),
      wrong(["subject"], { subject: "a\nbcc: eve@example.com" }),
      wrong(["text"], { text: undefined, html: undefined }),
      wrong(["text"], { text: "${env://SECRET_TOKEN}" }),
      wrong(["form"], { form: "eve@example.com" }),
    ],
    behave: {
      accept: async () => {
        server.refuse = undefined;
      },
      refuse: async () => {
        server.refuse = { at: "recipient", code: 550, who: /./ };
      },
      fail: async () => {
        server.refuse = { at: "data", code: 451, who: /./ };
      },
      absent: server.stop,
      silent: async () => {
        server.refuse = { at: "data", code: 0, who: /./ };
      },
    },
    arrived: async () => server.ids(),
    shownId: (id) => messageId(id, "shop@example.com"),
    connections: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return server.connections();
    },
    stop: server.stop,
  };
});

async function publishWorld(): Promise<OpenedWorld> {
  const server = await startNats({ user: "worker", password: "pa55 wörd" });
  const observer = await connect({ servers: server.url, user: "worker", pass: "pa55 wörd" });
  const manager = await observer.jetstreamManager();
  const accept = async () => {
    await manager.streams.add({ name: "shop", subjects: ["out.shop.>"] });
  };
  await accept();
  const options = { subject: "shop.cities.grown", payload: '{"name":"Århus"}' };
  const wrong = (path: string[], change: object) => ({ path, options: { ...options, ...change } });
  return {
    open: () =>
      createPublishAction({
        url: server.url.replace("//", `//worker:${encodeURIComponent("pa55 wörd")}@`),
        connectTimeoutMs: 2_000,
        publishPrefix: "out.",
      }),
    options,
    secrets: ["pa55 wörd", encodeURIComponent("pa55 wörd")],
    mistakes: [
      wrong(["subject"], { subject: "shop.*" }),
      wrong(["subject"], { subject: "shop..cities" }),
      wrong(["subject"], { subject: ".cities" }),
      wrong(["subject"], { subject: "{{ new.name }} x" }),
      wrong(["payload"], { payload: "${env://SECRET_TOKEN}" }),
      wrong(["acknowledged"], { acknowledged: "no" }),
      wrong(["subjekt"], { subjekt: "a" }),
    ],
    behave: {
      accept,
      fail: async () => {
        await manager.streams.delete("shop");
      },
      absent: server.kill,
      silent: server.freeze,
    },
    arrived: async () => {
      const { state } = await manager.streams.info("shop");
      const found: string[] = [];
      for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
        found.push((await manager.streams.getMessage("shop", { seq })).header.get("Nats-Msg-Id"));
      }
      return found;
    },
    shownId: (id) => id,
    stop: async () => {
      server.thaw();
      await observer.close();
      await server.stop();
    },
  };
}
holds("publish", publishWorld, NATS_MISSING);
