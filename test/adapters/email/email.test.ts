/** What is special about e-mail; what every action does is in its contract. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createEmailAction, type EmailActionOptions } from "../../../src/adapters/email/email-action.ts";
import { readMailbox } from "../../../src/adapters/email/email-options.ts";
import type { JsonObject } from "../../../src/core/events/json.ts";
import type { Action } from "../../../src/ports/action.ts";
import { actionInput } from "../../support/change-event.ts";
import { type MailServer, startMailServer } from "../../support/mail-server.ts";

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
  while (server.ids().length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toBe(false);
  over.abort(new Error("The time is over."));
  expect((await running).kind).toBe("retryable");
});

describe("values of rows", () => {
  const hostile = [
    "ann@example.com, eve@example.com",
    "ann@example.com;eve@example.com",
    "ann@example.com\r\nBcc: eve@example.com",
    "Ann <ann@example.com>, Eve <eve@example.com>",
    "Ann\r\nBcc: eve@example.com <ann@example.com>",
    "friends: ann@example.com, eve@example.com;",
    '"eve@example.com"@example.com',
    "ann@example.com (eve@example.com)",
    "ann@example.com>\r\nRCPT TO:<eve@example.com",
    "<ann@example.com><eve@example.com>",
    "ann@localhost\0.example",
    "@example.com",
    "ann@",
    "ann@-x.example",
    "",
  ];
  test.each(hostile)("%j is no recipient", async (to) => {
    const outcome = await run({ to: [to] });
    expect([readMailbox(to), outcome.kind, server.ids().length]).toEqual([undefined, "permanent", 0]);
  });

  test("addresses that are one are read", () => {
    expect(
      ["ann@example.com", " Ann B. <ann+x@sub.example.com> ", "<a.b@localhost>", "Ænn <å@ø.example>"].map(readMailbox),
    ).toEqual([
      { name: "", address: "ann@example.com" },
      { name: "Ann B.", address: "ann+x@sub.example.com" },
      { name: "", address: "a.b@localhost" },
      { name: "Ænn", address: "å@ø.example" },
    ]);
  });

  test("a subject of two lines is refused, a body of any lines is not", async () => {
    for (const subject of ["Hello\r\nBcc: eve@example.com", "Hello\nBcc: eve@example.com", "Hello\rX: 1"]) {
      expect((await run({ subject })).kind).toBe("permanent");
    }
    expect((await run({ text: "a\r\n.\r\nMAIL FROM:<eve@example.com>\r\n" })).kind).toBe("done");
    expect(server.mails.length).toBe(1);
  });

  test("a text that looks like a file or an address is sent as it is", async () => {
    for (const text of ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/"]) {
      expect((await run({ text, html: text })).kind).toBe("done");
      expect(server.mails.at(-1)?.text).toContain(text);
    }
  });
});
