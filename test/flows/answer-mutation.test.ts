/** What a mutation ends with where none of its root fields succeeded. */
import { expect, test } from "bun:test";
import { type ErrorCode, FraiseqlError } from "../../src/core/errors.ts";
import type { PreparedWrite } from "../../src/core/operations.ts";
import { answerMutation } from "../../src/flows/answers/answer-mutation.ts";
import type { DatabaseWriter } from "../../src/ports/database-writer.ts";

/** The root fields fail with these codes, in this order. */
function answerTo(codes: readonly ErrorCode[]) {
  const left = [...codes];
  const fail = () => Promise.reject(new FraiseqlError(left.shift() ?? "INTERNAL_ERROR", "It failed."));
  const writer: DatabaseWriter = { write: fail, transaction: fail, close: async () => {} };
  const writes = codes.map(
    (_, index): PreparedWrite => ({
      key: `f${index}`,
      kind: "write",
      statement: { text: "select 1", values: [] },
      decides: false,
      many: false,
      object: undefined,
    }),
  );
  return answerMutation({ writer, responseBytesMax: 1_000 }, writes, {});
}

test("fields that ran out of time are 503, to be sent again", async () => {
  expect(await answerTo(["STATEMENT_TIMEOUT", "STATEMENT_TIMEOUT"])).toMatchObject({
    status: 503,
    retryAfterSeconds: 1,
  });
});

test("where one of them may have happened, nobody is told to send it again", async () => {
  for (const codes of [
    ["STATEMENT_TIMEOUT", "OUTCOME_UNKNOWN"],
    ["OUTCOME_UNKNOWN", "DATABASE_UNAVAILABLE"],
  ] as const) {
    const answer = await answerTo(codes);
    expect([answer.status, answer.retryAfterSeconds]).toEqual([500, undefined]);
    expect(JSON.parse(String(answer.body)).errors).toMatchObject(codes.map((code) => ({ extensions: { code } })));
  }
});
