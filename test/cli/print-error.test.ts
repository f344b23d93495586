import { expect, test } from "bun:test";
import { printError } from "../../src/cli/print-error.ts";
import { FraiseqlError } from "../../src/core/errors.ts";

/** The lines of both outputs. */
function printed(error: FraiseqlError, json = false): { out: string[]; err: string[] } {
  const lines = { out: [] as string[], err: [] as string[] };
  printError(error, { json }, { out: (line) => lines.out.push(line), err: (line) => lines.err.push(line), env: {} });
  return lines;
}
const away = (cause?: unknown) => new FraiseqlError("BUS_UNAVAILABLE", "The event bus cannot be reached.", { cause });

test("what is behind an error stands on a line below it, to the end of the chain, and in JSON", () => {
  const error = away(new Error("the connection failed", { cause: new Error("connect ECONNREFUSED\n127.0.0.1:1") }));
  const cause = "the connection failed: connect ECONNREFUSED 127.0.0.1:1";
  expect(printed(error).err).toEqual(["BUS_UNAVAILABLE: The event bus cannot be reached.", `  cause: ${cause}`]);
  expect(JSON.parse(printed(error, true).out[0] ?? "").error).toMatchObject({ code: "BUS_UNAVAILABLE", cause });
});

test("a password in a URL is not shown, whatever is in it", () => {
  for (const login of ["ann:secret", "ann:se/cr@et", ":secret"]) {
    const error = away(new Error(`cannot open 'redis://${login}@db.example:6379/0', nor "wss://ann:secret@other/"`));
    const text = printed(error).err[1];
    expect(text).toBe(`  cause: cannot open 'redis://…@db.example:6379/0', nor "wss://…@other/"`);
  }
});

test("what says nothing more is left out: no cause, one told already, one that is no error, problems with their places", () => {
  const placed = new FraiseqlError("SCHEMA_INVALID", "schema.ts:1:1: no", {
    details: { problems: [] },
    cause: new Error("3 errors"),
  });
  for (const error of [away(), away(new Error("event bus")), away("text"), placed])
    expect([printed(error).err.length, "cause" in JSON.parse(printed(error, true).out[0] ?? "").error]).toEqual([
      1,
      false,
    ]);
});

test("a connection that was tried at several addresses tells of each", () => {
  const tried = new AggregateError([new Error("refused ::1"), new Error("refused 127.0.0.1")]);
  expect(printed(away(tried)).err[1]).toBe("  cause: refused ::1; refused 127.0.0.1");
  expect(printed(away(Object.assign(new Error(), { code: "ECONNRESET" }))).err[1]).toBe("  cause: ECONNRESET");
});
