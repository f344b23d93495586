/** A value of a row that gets into an e-mail must not choose its recipients, its headers or what is read for it. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { createEmailAction } from "../../src/adapters/email/email-action.ts";
import { readMailbox } from "../../src/adapters/email/email-options.ts";
import type { JsonObject } from "../../src/core/events/json.ts";
import { actionInput } from "../support/change-event.ts";
import { type MailServer, startMailServer } from "../support/mail-server.ts";

let server: MailServer;
beforeEach(async () => {
  server = await startMailServer();
});
afterEach(() => server.stop());

async function run(options: JsonObject) {
  const action = createEmailAction({
    url: `smtp://ann:${encodeURIComponent(server.password)}@localhost:${server.port}`,
    from: "Shop <shop@example.com>",
    tls: "required",
    authorities: server.certificate,
  });
  const outcome = await action.run(
    actionInput({ to: ["ann@example.com"], subject: "Hello", text: "Hello", ...options }),
  );
  await action.close?.();
  return outcome;
}

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
