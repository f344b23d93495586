/** What docs/guides/actions.md shows is right: options fit, commands run, and a receiver verifies what a webhook sends. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openActions } from "../../src/compose/actions.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import type { JsonObject } from "../../src/core/events/json.ts";
import { renderOptions } from "../../src/core/rules/templates/render-options.ts";
import type { Action } from "../../src/ports/action.ts";
import { actionInput, CITY_EVENT } from "../support/change-event.ts";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";
import { startReceiver } from "../support/webhook-receiver.ts";

const guide = readFileSync(join(import.meta.dir, "../../docs/guides/actions.md"), "utf8");
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, text = ""]) => text);
const shown = blocks("json").map((text) => JSON.parse(text) as JsonObject);
const examples = shown.filter((object) => "kind" in object);
const rendered = (options: JsonObject, action: Action) =>
  renderOptions(options, action.templates, {
    event: CITY_EVENT,
    entity: "City",
    ruleName: "big.city",
    now: CITY_EVENT.occurredAt,
  });

let database: MigratedDatabase;
let actions: ReadonlyMap<string, Action>;
let key: string;
beforeAll(async () => {
  database = await migratedDatabase("actions_guide");
  for (const text of blocks("sql")) await database.sql.unsafe(text);
  const { stdout } = Bun.spawnSync(["sh", "-c", blocks("sh").join("\n")]);
  key = stdout.toString().trim();
  const smtp = { FRAISEQL_SMTP_URL: "smtp://localhost:1", FRAISEQL_SMTP_FROM: "shop@example.com" };
  const env = { DATABASE_URL: database.url, NATS_URL: "ws://127.0.0.1:1", ...smtp };
  const config = loadConfig({ toml: blocks("toml").join("\n"), env });
  const environment = { SECRET_HOOK_KEY: key };
  actions = openActions({ config, environment, sql: database.sql, write: () => {}, wait: { now: Date.now } });
});
afterAll(async () => {
  for (const action of actions.values()) await action.close?.();
  await database.drop();
});

test("every example fits its action, and every kind and option is told of", () => {
  expect(new Set(examples.map(({ kind }) => kind))).toEqual(new Set(actions.keys()));
  for (const { kind, ...options } of examples) {
    const action = actions.get(String(kind));
    expect([kind, action?.check(options)]).toEqual([kind, []]);
  }
  for (const [kind, { schema, templates }] of actions) {
    for (const option of Object.keys(schema["properties"] as object))
      expect([kind, guide.includes(`\`${option}\``)]).toEqual([kind, true]);
    for (const option of Object.keys(templates)) {
      expect([kind, option, new RegExp(`^\\| .*\`${option}\`.* \\| template \\|`, "m").test(guide)]).toEqual([
        kind,
        option,
        true,
      ]);
    }
  }
});

test("a webhook without a body sends what the guide shows, and the receiver of the guide verifies it", async () => {
  const receiver = await startReceiver();
  const { kind: _, url: __, ...options } = examples[0] ?? {};
  const webhook = actions.get("webhook");
  const outcome = await webhook?.run(actionInput({ ...options, url: `http://127.0.0.1:${receiver.port}/` }));
  expect(outcome?.kind).toBe("done");
  const [{ headers, body } = { headers: {}, body: "" }] = receiver.received;
  expect(shown).toContainEqual(JSON.parse(body));
  const file = join(import.meta.dir, `shown-${crypto.randomUUID()}.ts`);
  await writeFile(file, blocks("ts").join("\n"));
  const { verifiedEvent } = await import(file).finally(() => rm(file));
  const request = (sent: string) =>
    new Request("http://receiver/", { method: "POST", body: sent, headers: headers as Record<string, string> });
  expect(await verifiedEvent(request(body), key)).toEqual(JSON.parse(body));
  await expect(verifiedEvent(request(body.replace("290598", "290599")), key)).rejects.toThrow();
  await receiver.stop();
});

test("bodies with templates are JSON, whatever the values hold", () => {
  const hostile = { ...CITY_EVENT, after: { id: 7, name: '"}\n, "x": {"', population: null } };
  for (const { kind, ...options } of examples) {
    const action = actions.get(String(kind));
    if (!action || typeof (options["body"] ?? options["payload"]) !== "string") continue;
    const input = { event: hostile, entity: "City", ruleName: "big.city", now: CITY_EVENT.occurredAt };
    const { body, payload } = renderOptions(options, action.templates, input);
    expect(JSON.parse(String(body ?? payload))).toBeObject();
  }
});

test("the function of the guide is called once", async () => {
  const action = actions.get("database");
  const [{ kind: _, ...options } = {}] = examples.filter(({ kind }) => kind === "database");
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    if (action) expect((await action.run(actionInput(rendered(options, action), { attempt }))).kind).toBe("done");
  }
  expect<unknown[]>([...(await database.sql`select * from public.growth`)]).toEqual([
    { city: 7, people: 290_598, delivery: "k3x9:17:big.city@3:0" },
  ]);
});
