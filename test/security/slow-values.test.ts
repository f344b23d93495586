/** No text a client can send keeps the server busy: each runs on one thread, so a slow one stops everybody. */
import { describe, expect, test } from "bun:test";
import { decodeNodeId } from "../../src/core/graphql/node-id.ts";
import { SCALARS } from "../../src/core/schema/scalars.ts";

/** As long as a body may be; in quadratic time it would take minutes. */
const LENGTH = 1_000_000;
const LIMIT_MS = 1_000;

/** Long runs that end in what does not fit: what backtracking matchers are slow on. */
const TEXTS: readonly (readonly [string, string])[] = [
  ["padding", `${"=".repeat(LENGTH)}x`],
  ["digits", `${"1".repeat(LENGTH)}x`],
  ["digits and points", `${"1.".repeat(LENGTH / 2)}x`],
  ["backslashes", `${"\\".repeat(LENGTH)}u`],
  ["letters before an at", `${"a".repeat(LENGTH)}@`],
  ["labels", `http://${"a.".repeat(LENGTH / 2)} `],
  ["user information", `http://${"a:@".repeat(LENGTH / 3)} `],
  ["escapes", `http://a/${"%41".repeat(LENGTH / 3)}%`],
  ["colons", `${"::".repeat(LENGTH / 2)}/`],
  ["a duration", `P${"1".repeat(LENGTH)}`],
];

const millisecondsOf = (step: () => unknown): number => {
  const start = performance.now();
  step();
  return performance.now() - start;
};

describe("a text as long as a body is refused or taken at once", () => {
  test.each(SCALARS.map(({ name, parse }) => [name, parse] as const))("as %s", (_, parse) => {
    for (const [, text] of TEXTS) {
      const taken = millisecondsOf(() => {
        try {
          parse(text);
        } catch (error) {
          // Whether it fits is another test's question.
          expect(error).toBeInstanceOf(Error);
        }
      });
      expect(taken).toBeLessThan(LIMIT_MS);
    }
  });

  test.each(TEXTS)("%s as a node id", (_, text) => {
    expect(millisecondsOf(() => expect(decodeNodeId(text)).toBeUndefined())).toBeLessThan(LIMIT_MS);
  });
});
