/** A server that says anything: each result ends, with its rows or with a `FraiseqlError`, and holds no more than it was sent. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { openBulkReader } from "../../../../src/adapters/postgres/bulk/bulk-reader.ts";
import { FraiseqlError } from "../../../../src/core/errors.ts";
import { type Script, scriptedWire } from "./scripted-wire.ts";
import {
  ANSWER,
  bound,
  complete,
  int32,
  key,
  LOGIN,
  loginOk,
  notice,
  parsed,
  ready,
  row,
  rowDescription,
  serverError,
  serverMessage,
} from "./server-messages.ts";

const STATEMENT = { text: "select a, b from t", values: [] };
const GOOD: readonly Buffer[] = [Buffer.concat(LOGIN), Buffer.concat(ANSWER)];

/** The bytes of all rows, or the error. Anything but a `FraiseqlError` fails the test. */
async function read(script: Script, limits: { connectTimeoutMs?: number; statementTimeoutMs?: number } = {}) {
  const reader = openBulkReader({ url: "postgres://me:secret@h/d", openWire: scriptedWire(script), ...limits });
  const rows: Uint8Array[] = [];
  try {
    const result = await reader.open(STATEMENT);
    for (let bytes = await result.read(); bytes; bytes = await result.read()) rows.push(bytes.slice());
    return Buffer.concat(rows);
  } catch (error) {
    if (!(error instanceof FraiseqlError)) throw error;
    expect(error.message).not.toContain("secret");
    return error;
  } finally {
    await reader.close();
  }
}

const failureOf = async (...args: Parameters<typeof read>) => {
  const outcome = await read(...args);
  return outcome instanceof FraiseqlError ? outcome.code : `${outcome.length} bytes of rows`;
};

test("a good answer gives its rows and nothing else", async () => {
  const rows = Buffer.concat([row("1", "one"), row("2", null), row("3", "x".repeat(300))]);
  expect(await read({ answers: GOOD })).toEqual(rows);
  expect(await read({ answers: GOOD, chunkBytes: 1 })).toEqual(rows);
});

const head = [parsed, bound, rowDescription(["a", "b"])];
const text = (value: string) => Buffer.from(value);
const after = (...messages: Buffer[]) => [Buffer.concat(LOGIN), Buffer.concat(messages)];
const logins: [string, readonly Buffer[]][] = [
  ["nothing", [Buffer.alloc(0)]],
  ["no authentication of a known kind", [serverMessage("R", int32(99))]],
  ["an authentication without a kind", [serverMessage("R", text("ab"))]],
  ["a SASL offer without end", [serverMessage("R", Buffer.concat([int32(10), text("SCRAM-SHA-256")]))]],
  ["rows", [row("1", "2")]],
  ["a key of another length", [loginOk, serverMessage("K", text("abc"))]],
  ["COPY", [loginOk, serverMessage("G", text("\0\0\0"))]],
  ["an error that is empty", [serverMessage("E")]],
  ["an error without a state", [serverMessage("E", text("Mno\0\0"))]],
  ["a version negotiation", [serverMessage("v", Buffer.alloc(8))]],
];
test.each(logins)("a login that holds %s is refused", async (_what, messages) => {
  expect(await failureOf({ answers: [Buffer.concat(messages)] })).toMatch(/^DATABASE_(UNAVAILABLE|ERROR)$/);
});

const answers: [string, readonly Buffer[]][] = [
  ["rows before their description", [parsed, bound, row("1", "2"), complete, ready]],
  ["rows after the end", [...head, complete, row("1", "2"), ready]],
  ["ready without complete", [...head, row("1", "2"), ready]],
  ["complete without ready", [...head, row("1", "2"), complete]],
  ["two descriptions", [...head, rowDescription(["a"]), row("1"), complete, ready]],
  ["columns in text format", [parsed, bound, rowDescription(["a"], 0), row("1"), complete, ready]],
  ["a description cut off in a name", [parsed, bound, serverMessage("T", text("\0\x01name"))]],
  ["a description cut off in a number", [parsed, bound, serverMessage("T", text("\0\x01name\0\0\0"))]],
  ["a description longer than its columns", [parsed, bound, serverMessage("T", text("\0\0name\0"))]],
  ["a description of nothing", [parsed, bound, serverMessage("T")]],
  ["COPY from us", [...head, serverMessage("G", text("\0\0\0"))]],
  ["COPY to us", [...head, serverMessage("H", text("\0\0\0")), serverMessage("d", text("x"))]],
  ["a suspended portal", [...head, serverMessage("s"), ready]],
  ["a message we do not know", [...head, serverMessage("?", text("x"))]],
  ["an error, and then goes on", [...head, serverError({ V: "ERROR", C: "22012", M: "x" }), row("1", "2")]],
  ["the end of the connection amid a row", [...head, row("1", "2").subarray(0, 9)]],
];
test.each(answers)("an answer with %s is refused, whole or byte by byte", async (_what, messages) => {
  expect(await failureOf({ answers: after(...messages) })).toBe("DATABASE_UNAVAILABLE");
  expect(await failureOf({ answers: after(...messages), chunkBytes: 1 })).toBe("DATABASE_UNAVAILABLE");
});

test("an error amid the rows is the server's own, and an error at the very end too", async () => {
  const error = serverError({ V: "ERROR", C: "22003", M: "out of range" });
  expect(await failureOf({ answers: after(...head, row("1", "2"), error, ready) })).toBe("DATABASE_ERROR");
  expect(await failureOf({ answers: after(...head, row("1", "2"), complete, error, ready) })).toBe("DATABASE_ERROR");
  const fatal = serverError({ V: "FATAL", C: "57P01", M: "terminating" });
  expect(await failureOf({ answers: after(...head, row("1", "2"), fatal) })).toBe("DATABASE_UNAVAILABLE");
});

test("a server that falls silent is given up, during the login and after it", async () => {
  const limits = { connectTimeoutMs: 60, statementTimeoutMs: 1 };
  const begun = Buffer.concat(head);
  const silent = [[], [loginOk], [key], [...LOGIN, parsed], [...LOGIN, begun, row("1", "2")]].map((said) =>
    failureOf({ answers: [Buffer.concat(said.slice(0, 4)), Buffer.concat(said.slice(4))], hangs: true }, limits),
  );
  expect(await Promise.all(silent)).toEqual(Array(5).fill("DATABASE_UNAVAILABLE"));
});

test("a server that only talks to itself is given up too", async () => {
  const chatter = Buffer.concat(Array.from({ length: 1_000 }, () => notice("still here")));
  const limits = { connectTimeoutMs: 60 };
  expect(await failureOf({ answers: [chatter], hangs: true }, limits)).toBe("DATABASE_UNAVAILABLE");
});

/** Good conversations with some of their bytes or messages changed, and bytes that are nothing. */
const byte = fc.integer({ min: 0, max: 255 });
const whole = Buffer.concat(GOOD);
const changedBytes = fc
  .array(fc.tuple(fc.nat(whole.length - 1), byte), { minLength: 1, maxLength: 4 })
  .map((changes) => {
    const bytes = Buffer.from(whole);
    for (const [at, value] of changes) bytes[at] = value;
    const border = (GOOD[0] as Buffer).length;
    return [bytes.subarray(0, border), bytes.subarray(border)];
  });
const otherLength = fc.tuple(fc.nat(LOGIN.length + ANSWER.length - 1), fc.integer()).map(([which, length]) => {
  const messages = [...LOGIN, ...ANSWER].map((message, index) => {
    if (index !== which) return message;
    return Buffer.concat([message.subarray(0, 1), int32(length), message.subarray(5)]);
  });
  return [Buffer.concat(messages.slice(0, LOGIN.length)), Buffer.concat(messages.slice(LOGIN.length))];
});
const otherOrder = fc
  .shuffledSubarray([...LOGIN, ...ANSWER, ...ANSWER])
  .chain((messages) => fc.nat(messages.length).map((border) => [messages.slice(0, border), messages.slice(border)]))
  .map((parts) => parts.map((messages) => Buffer.concat(messages)));
const noise = fc
  .array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 })
  .map((all) => all.map((b) => Buffer.from(b)));
const noiseAfterLogin = noise.map((all) => [Buffer.concat(LOGIN), ...all]);

test("whatever a server sends, a result ends", async () => {
  const script = fc.oneof(changedBytes, otherLength, otherOrder, noise, noiseAfterLogin);
  const sizes = fc.constantFrom(1, 7, 64, Number.POSITIVE_INFINITY);
  await fc.assert(
    fc.asyncProperty(script, sizes, async (sent, chunkBytes) => {
      const outcome = await read({ answers: sent, chunkBytes });
      if (outcome instanceof FraiseqlError) return;
      // What was given are whole rows.
      let at = 0;
      while (at < outcome.length) {
        expect(outcome[at]).toBe(0x44);
        at += 1 + outcome.readUInt32BE(at + 1);
      }
      expect(at).toBe(outcome.length);
    }),
    { numRuns: 1_500 },
  );
}, 30_000);
