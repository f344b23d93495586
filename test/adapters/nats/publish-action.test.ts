/** What is special about the action `publish`; what every action does is in its contract. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect, type NatsConnection } from "nats.ws";
import { createPublishAction } from "../../../src/adapters/nats/publish-action.ts";
import type { JsonObject } from "../../../src/core/events/json.ts";
import type { Action } from "../../../src/ports/action.ts";
import { actionInput, CITY_EVENT } from "../../support/change-event.ts";
import { faultProxy } from "../../support/fault-proxy.ts";
import { NATS_MISSING, type NatsServer, startNats } from "../../support/nats-server.ts";

const OPTIONS = { connectTimeoutMs: 2_000, publishPrefix: "out." };

describe.skipIf(NATS_MISSING !== undefined)("publish", () => {
  let server: NatsServer;
  let observer: NatsConnection;
  let action: Action;
  beforeAll(async () => {
    server = await startNats();
    observer = await connect({ servers: server.url });
    await (await observer.jetstreamManager()).streams.add({ name: "shop", subjects: ["out.shop.>"] });
    action = createPublishAction({ ...OPTIONS, url: server.url });
  });
  afterAll(async () => {
    await action?.close?.();
    await observer?.close();
    await server?.stop();
  });
  const run = (options: JsonObject, id = "k3x9:17:big.city@3:0") => action.run(actionInput(options, { id }));

  test("the event is sent where there is no payload, with the id and the trace in headers", async () => {
    const heard = observer.subscribe("out.shop.>", { max: 1 });
    expect((await run({ subject: "shop.Århus" })).kind).toBe("done");
    for await (const { subject, headers, data } of heard) {
      const { traceparent, cause, position, ...payload } = CITY_EVENT;
      expect([traceparent, cause, position]).toBeDefined();
      expect([subject, JSON.parse(new TextDecoder().decode(data))]).toEqual(["out.shop.Århus", payload]);
      expect([headers?.get("Nats-Msg-Id"), headers?.get("traceparent")]).toEqual([
        "k3x9:17:big.city@3:0",
        "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
      ]);
    }
  });

  test("a stream takes the attempts of one delivery as one message, and the facts say so", async () => {
    const outcomes = [await run({ subject: "shop.a" }, "twice"), await run({ subject: "shop.a" }, "twice")];
    const said = outcomes.map((outcome) => ("facts" in outcome ? outcome.facts.response : ""));
    expect(said[1]).toBe(`${said[0]}, since an earlier attempt`);
  });

  test("without a stream it is done only where the rule does not ask for one", async () => {
    const outcome = await run({ subject: "plain.a" });
    expect<unknown>([outcome.kind, "reason" in outcome && outcome.reason]).toEqual([
      "retryable",
      "No stream has the subject out.plain.a.",
    ]);
    const again = observer.subscribe("out.plain.a", { max: 1 });
    await observer.flush();
    expect((await run({ subject: "plain.a", acknowledged: false })).kind).toBe("done");
    for await (const { headers } of again) expect(headers?.get("Nats-Msg-Id")).toBe("k3x9:17:big.city@3:0");
  });

  test("what a template made of a subject is checked, and nothing is sent beside it", async () => {
    const hostile = ["shop.*", "shop.>", "shop.a b", "shop.a\r\nPUB x 0", "shop..a", ".a", ""];
    for (const subject of hostile) expect([subject, (await run({ subject })).kind]).toEqual([subject, "permanent"]);
  });

  test("a payload that is larger than the server takes is permanent", async () => {
    const after = { text: "x".repeat(1_100_000) };
    const input = actionInput({ subject: "shop.a" }, { event: { ...CITY_EVENT, after } });
    expect((await action.run(input)).kind).toBe("permanent");
    expect((await run({ subject: "shop.a" }, "after it")).kind).toBe("done");
  });

  test("no rule gets out of the prefix", async () => {
    const heard = observer.subscribe(">", { max: 3 });
    await observer.flush();
    for (const subject of ["$JS.API.STREAM.PURGE.shop", "fql.ev.0.a.b.c", "_INBOX.a"])
      expect((await run({ subject, acknowledged: false })).kind).toBe("done");
    for await (const { subject } of heard) expect(subject).toStartWith("out.");
  });

  test("a payload that is larger than the stream takes is permanent", async () => {
    const manager = await observer.jetstreamManager();
    await manager.streams.add({ name: "small", subjects: ["out.small"], max_msg_size: 10 });
    const outcome = await run({ subject: "small", payload: '"more than ten bytes"' });
    expect(outcome.kind).toBe("permanent");
  });

  test("what the server does not let us publish is not done, acknowledged or not", async () => {
    const strict = await startNats(undefined, {
      config: 'authorization { users: [{ user: a, password: b, permissions: { publish: ["out.yes"] } }] }',
    });
    const refused = createPublishAction({ ...OPTIONS, url: strict.url.replace("//", "//a:b@") });
    try {
      for (const acknowledged of [false, true]) {
        const outcome = await refused.run(actionInput({ subject: "no", acknowledged }));
        expect<unknown>([outcome.kind, "reason" in outcome && outcome.reason]).toEqual([
          "retryable",
          "The server does not let us publish on out.no.",
        ]);
      }
      expect((await refused.run(actionInput({ subject: "yes", acknowledged: false }))).kind).toBe("done");
    } finally {
      await refused.close?.();
      await strict.stop();
    }
  });

  test("a connection that is cut under way ends the attempt at once", async () => {
    const proxy = await faultProxy(server.url);
    const cut = createPublishAction({ ...OPTIONS, url: proxy.url });
    try {
      expect((await cut.run(actionInput({ subject: "shop.a" }))).kind).toBe("done");
      proxy.freeze();
      const began = performance.now();
      const running = [true, false].map((acknowledged) => cut.run(actionInput({ subject: "shop.a", acknowledged })));
      // The attempts begin with what is open already: a turn later they are under way.
      await new Promise((resolve) => setImmediate(resolve));
      proxy.cut();
      expect((await Promise.all(running)).map(({ kind }) => kind)).toEqual(["retryable", "retryable"]);
      expect(performance.now() - began).toBeLessThan(2_500);
    } finally {
      await cut.close?.();
      await proxy.close();
    }
  });

  test("after the server was away the next attempt works", async () => {
    await server.kill();
    const over = AbortSignal.timeout(300);
    expect((await action.run(actionInput({ subject: "shop.a" }, { signal: over }))).kind).toBe("retryable");
    await server.restart();
    let kind = "";
    while (kind !== "done") {
      ({ kind } = await run({ subject: "shop.a" }, "back"));
      // It fails at once while there is no connection.
      await Bun.sleep(20);
    }
  });
});
