/** A value of a row stands where the rule has put it in an address, and changes nothing before it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createWebhookAction } from "../../src/adapters/webhook/webhook-action.ts";
import { webhookProblems } from "../../src/adapters/webhook/webhook-options.ts";
import { renderOptions } from "../../src/core/rules/templates/render-options.ts";
import { actionInput, CITY_EVENT } from "../support/change-event.ts";
import { fixedSecrets } from "../support/secrets.ts";
import { startReceiver, type WebhookReceiver } from "../support/webhook-receiver.ts";

let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());

/** Where a webhook to this path went with this name of a city, or how it ended. */
async function pathOf(path: string, name: string): Promise<string | undefined> {
  const action = createWebhookAction({
    secrets: fixedSecrets({}),
    allowedNetworks: ["127.0.0.1/32"],
    ports: [],
    now: Date.now,
  });
  const event = { ...CITY_EVENT, after: { ...CITY_EVENT.after, name } };
  const options = { url: `http://127.0.0.1:${receiver.port}${path}`, method: "DELETE" };
  const rendered = renderOptions(options, action.templates, {
    event,
    entity: "City",
    ruleName: "r",
    now: event.occurredAt,
  });
  const before = receiver.received.length;
  const outcome = await action.run(actionInput(rendered, { event }));
  await action.close?.();
  return outcome.kind === "done" ? receiver.received[before]?.path : outcome.kind;
}

const HOOK = "/v1/cities/{{ new.name }}/tags";

test("a name is one segment of the path, whatever stands in it", async () => {
  expect(await pathOf(HOOK, "Århus")).toBe("/v1/cities/%C3%85rhus/tags");
  expect(await pathOf(HOOK, "../admin?x=1#y")).toBe("/v1/cities/..%2Fadmin%3Fx%3D1%23y/tags");
  expect(await pathOf(HOOK, "...")).toBe("/v1/cities/.../tags");
  expect(await pathOf("/v1/cities?of={{ new.name }}&in=/../", "..")).toBe("/v1/cities?of=..&in=/../");
});

test.each([
  [HOOK, ".."],
  [HOOK, "."],
  ["/v1/cities/.{{ new.name }}", "."],
  ["/v1/cities/%2e{{ new.name }}/tags", "."],
  ["/v1/cities/{{ new.name }}", ".."],
  ["/v1/cities/{{ new.name }}?all", ".."],
])("but in %s the name %s would take away what stands before it: nothing is sent", async (path, name) => {
  expect(await pathOf(path, name)).toBe("permanent");
});

test.each([
  "https://{{ new.name }}/hook",
  "https://a.example{{ new.name }}/hook",
  "https://a.example:{{ new.name }}/hook",
  " https://{{ new.name }}/hook",
  "https:///{{ new.name }}/hook",
  "https:/{{ new.name }}/hook",
  "https:{{ new.name }}/hook",
  "https:\\\\{{ new.name }}/hook",
  "ht\ttps://{{ new.name }}/hook",
  "https:/\n/{{ new.name }}/hook",
])("a row says to which host a webhook goes in no way of writing it: %j", (url) => {
  expect(webhookProblems({ url })).toEqual([{ path: ["url"], message: expect.stringMatching(/host/) }]);
});
