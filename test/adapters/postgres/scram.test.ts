import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { createLogin } from "../../../src/adapters/postgres/connection/login.ts";
import { createScram } from "../../../src/adapters/postgres/connection/scram.ts";
import type { ConnectionTarget } from "../../../src/adapters/postgres/connection/url.ts";

/** As in the example of RFC 7677, section 3. */
const NONCE = "rOprNGfwEbeRWgbNEkqO";
const CHALLENGE = `r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;

describe("SCRAM", () => {
  test("answers with the nonce of both sides and a proof", () => {
    const scram = createScram("pencil", NONCE, { kind: "none" });
    expect(scram.first).toBe(`n,,n=*,r=${NONCE}`);
    // Whether the proof is right, PostgreSQL says in the tests of logins: it takes no user name, as the RFC's example has.
    expect(scram.prove(CHALLENGE)).toMatch(/^c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj\)hNlF\$k0,p=.{44}$/);
  });

  test("binds to the certificate of the channel", () => {
    const endPoint = Buffer.from("a hash");
    const scram = createScram("pencil", NONCE, { kind: "bound", endPoint });
    expect(scram.first).toBe(`p=tls-server-end-point,,n=*,r=${NONCE}`);
    const channel = /^c=([^,]*),/.exec(scram.prove(CHALLENGE))?.[1] ?? "";
    expect(Buffer.from(channel, "base64").toString()).toBe("p=tls-server-end-point,,a hash");
  });

  test("says that it could have bound where the server does not offer it", () => {
    const scram = createScram("pencil", NONCE, { kind: "not-offered" });
    expect([scram.first, scram.prove(CHALLENGE).slice(0, 7)]).toEqual([`y,,n=*,r=${NONCE}`, "c=eSws,"]);
  });

  test.each([
    ["a nonce that is not ours", CHALLENGE.replace(NONCE, "x")],
    ["our nonce, and nothing of the server's", `r=${NONCE},s=W22Z,i=4096`],
    ["no rounds", CHALLENGE.replace("i=4096", "i=0")],
    ["rounds without end", CHALLENGE.replace("i=4096", "i=999999999")],
    ["no salt", CHALLENGE.replace(/s=[^,]*/, "s=")],
    ["an extension we would have to understand", `m=x,${CHALLENGE}`],
    ["nothing", ""],
  ])("refuses a challenge with %s", (_what, challenge) => {
    expect(() => createScram("pencil", NONCE, { kind: "none" }).prove(challenge)).toThrow("challenge");
  });

  test.each(["v=", "v=AAAA", `v=${"A".repeat(43)}=`, "e=other-error", ""])(
    "refuses %p as the server's proof",
    (final) => {
      const scram = createScram("pencil", NONCE, { kind: "none" });
      scram.prove(CHALLENGE);
      expect(() => scram.verify(final)).toThrow("does not know the password");
      expect(scram.isVerified()).toBe(false);
    },
  );
});

describe("a login", () => {
  const target: ConnectionTarget = {
    host: "db.example",
    port: 5432,
    user: "me",
    password: "secret",
    database: "d",
    tls: "require",
  };
  const open = { isPrivate: false, endPoint: undefined };
  const overTls = { isPrivate: true, endPoint: createHash("sha256").update("certificate").digest() };
  const request = (kind: number, data = "") => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(kind);
    return Buffer.concat([bytes, Buffer.from(data)]);
  };
  const BOTH = "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0";

  test.each([
    ["in clear", request(3)],
    ["as MD5", request(5, "salt")],
  ])("gives the password %s only where nobody reads along", (_how, asked) => {
    expect(() => createLogin(target, open).answer(asked)).toThrow("without TLS");
    expect(createLogin(target, overTls).answer(asked)?.[0]).toBe(0x70);
  });

  test("takes the binding form where the server offers both, and no other when it is required", () => {
    const mechanism = (answer: Buffer | undefined) => answer?.toString("latin1", 5).split("\0")[0];
    expect(mechanism(createLogin(target, overTls).answer(request(10, BOTH)))).toBe("SCRAM-SHA-256-PLUS");
    expect(mechanism(createLogin(target, open).answer(request(10, BOTH)))).toBe("SCRAM-SHA-256");
    const disabled = createLogin({ ...target, channelBinding: "disable" }, overTls).answer(request(10, BOTH));
    expect(mechanism(disabled)).toBe("SCRAM-SHA-256");
    const required = createLogin({ ...target, channelBinding: "require" }, open);
    expect(() => required.answer(request(10, BOTH))).toThrow("channel binding");
  });

  test("that has to be bound gives nothing away to a server that asks otherwise", () => {
    const required = () => createLogin({ ...target, channelBinding: "require" }, overTls);
    for (const asked of [request(3), request(5, "salt"), request(10, "SCRAM-SHA-256\0\0"), request(0)]) {
      expect(() => required().answer(asked)).toThrow("channel binding");
    }
  });

  test("is not over before the server has proved that it knows the password too", () => {
    const login = createLogin(target, overTls);
    login.answer(request(10, BOTH));
    expect(() => login.answer(request(0))).toThrow("without its own proof");
  });

  test.each([
    ["a challenge before the offer", request(11, CHALLENGE)],
    ["a proof before the offer", request(12, "v=")],
    ["a method we do not have", request(7)],
    ["no method we know", request(10, "SCRAM-SHA-1\0\0")],
  ])("refuses %s", (_what, asked) => {
    expect(() => createLogin(target, overTls).answer(asked)).toThrow("cannot be trusted with the login");
  });
});
