/** Every action keeps the promises of its port. */
import { describe, test } from "bun:test";
import { createWebhookAction } from "../../src/adapters/webhook/webhook-action.ts";
import { fixedSecrets } from "../support/secrets.ts";
import { startReceiver, status } from "../support/webhook-receiver.ts";
import { ACTION_CONTRACT, type ActionWorld } from "./action-contract.ts";

type OpenedWorld = ActionWorld & { stop(): Promise<void> };

function holds(name: string, openWorld: () => Promise<OpenedWorld>): void {
  describe(`Action: ${name}`, () => {
    for (const [sentence, promise] of Object.entries(ACTION_CONTRACT)) {
      test(sentence, async () => {
        const world = await openWorld();
        const action = world.open();
        try {
          await promise(world, action);
        } finally {
          await action.close?.();
          await world.stop();
        }
      }, 30_000);
    }
  });
}

const SECRETS = { SECRET_TOKEN: 'tok"en/+ 1', SECRET_KEY: `whsec_${Buffer.alloc(24, 7).toString("base64")}` };

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
