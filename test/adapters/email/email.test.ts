/** What is special about e-mail; what every action does is in its contract. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createEmailAction, type EmailActionOptions } from "../../../src/adapters/email/email-action.ts";
import type { JsonObject } from "../../../src/core/events/json.ts";
import type { Action } from "../../../src/ports/action.ts";
import { actionInput } from "../../support/change-event.ts";
import { type MailServer, startMailServer } from "../../support/mail-server.ts";
import { until } from "../../support/until.ts";

let server: MailServer;
let opened: Action[] = [];
beforeEach(async () => {
  server = await startMailServer();
});
afterEach(async () => {
  for (const action of opened) await action.close?.();
  opened = [];
  await server.stop();
});

const login = () => `ann:${encodeURIComponent(server.password)}`;
const run = (options: JsonObject, changes: Partial<EmailActionOptions> = {}, signal?: AbortSignal) => {
  const action = createEmailAction({
    url: `smtp://${login()}@localhost:${server.port}`,
    from: "Shop <shop@example.com>",
    tls: "required",
    authorities: server.certificate,
    ...changes,
  });
  opened.push(action);
  const message = { to: ["ann@example.com"], subject: "Hello", text: "Hello", ...options };
  return action.run(actionInput(message, signal && { signal }));
};

test("a message arrives as it was written, over TLS", async () => {
  const options = { cc: ["Bob B <bob@example.com>"], bcc: ["cy@example.com"], replyTo: "help@example.com" };
  expect((await run({ ...options, subject: "Århus grew", html: "<b>Hello</b>" })).kind).toBe("done");
  const [mail] = server.mails;
  expect([mail?.from, mail?.to, mail?.secure]).toEqual([
    "shop@example.com",
    ["ann@example.com", "bob@example.com", "cy@example.com"],
    true,
  ]);
  const { text = "" } = mail ?? {};
  expect(text).toContain("From: Shop <shop@example.com>\r\n");
  expect(text).toContain("Subject: =?UTF-8?Q?=C3=85rhus_grew?=");
  expect(text).toContain("Auto-Submitted: auto-generated");
  expect(text).toContain("multipart/alternative");
  expect(text).not.toContain("cy@example.com");
});

describe("a server that says no", () => {
  const answers = [
    ["recipient", 550, "permanent"],
    ["recipient", 450, "retryable"],
    ["sender", 553, "permanent"],
    ["sender", 451, "retryable"],
    ["data", 554, "permanent"],
    ["data", 452, "retryable"],
    ["data", 421, "retryable"],
  ] as const;
  test.each(answers)("to the %s with %d: %s", async (at, code, kind) => {
    server.refuse = { at, code, who: /./ };
    const outcome = await run({});
    expect([outcome.kind, server.mails.length]).toEqual([kind, 0]);
    expect("reason" in outcome && outcome.reason).toContain(String(code));
  });

  test("to one recipient of two is not done, though the other got the message", async () => {
    for (const [code, kind] of [
      [550, "permanent"],
      [450, "retryable"],
    ] as const) {
      server.refuse = { at: "recipient", code, who: /^bob@/ };
      const outcome = await run({ to: ["ann@example.com", "bob@example.com"] });
      expect<unknown>([outcome.kind, "reason" in outcome && outcome.reason]).toEqual([
        kind,
        "The server took the message, but not for bob@example.com.",
      ]);
    }
    expect(server.mails.map(({ to }) => to)).toEqual([["ann@example.com"], ["ann@example.com"]]);
  });

  test("to the login loses no message, and does not show the password", async () => {
    const outcome = await run({}, { url: `smtp://ann:wr0ng@localhost:${server.port}` });
    expect([outcome.kind, JSON.stringify(outcome).includes("wr0ng")]).toEqual(["retryable", false]);
  });
});

describe("TLS", () => {
  test("from the start, with smtps://", async () => {
    await server.stop();
    server = await startMailServer({ secure: true });
    expect((await run({}, { url: `smtps://${login()}@localhost:${server.port}` })).kind).toBe("done");
  });

  test("a certificate for another name, or of an authority that is not trusted, gets nothing", async () => {
    expect((await run({}, { url: `smtp://${login()}@127.0.0.1:${server.port}` })).kind).toBe("retryable");
    const { authorities: _, ...own } = { authorities: "", url: `smtp://${login()}@localhost:${server.port}` };
    const action = createEmailAction({ ...own, from: "shop@example.com", tls: "required" });
    opened.push(action);
    const outcome = await action.run(actionInput({ to: ["ann@example.com"], subject: "a", text: "b" }));
    expect([outcome.kind, server.mails.length]).toEqual(["retryable", 0]);
  });
});

test("done is not said before the server took the whole message", async () => {
  server.refuse = { at: "data", code: 0, who: /./ };
  const over = new AbortController();
  let ended = false;
  const running = run({}, {}, over.signal).finally(() => {
    ended = true;
  });
  await until(() => server.ids().length > 0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toBe(false);
  over.abort(new Error("The time is over."));
  expect((await running).kind).toBe("retryable");
});
