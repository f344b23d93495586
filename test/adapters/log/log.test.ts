import { expect, test } from "bun:test";
import { createLogAction } from "../../../src/adapters/log/log-action.ts";
import { actionInput } from "../../support/change-event.ts";

test("one line of JSON, whatever the message holds", async () => {
  const lines: string[] = [];
  const action = createLogAction({ write: (line) => void lines.push(line), now: () => Date.UTC(2026, 0, 2) });
  await action.run(actionInput({ message: 'a\n{"level":"error"}\u2028b', level: "warn" }));
  await action.run(actionInput({ message: "" }));
  await action.run(actionInput({ message: "é".repeat(5_000) }));
  expect(lines.map((line) => line.includes("\n"))).toEqual([false, false, false]);
  const [first, second, third] = lines.map((line) => JSON.parse(line));
  expect(first).toEqual({
    time: "2026-01-02T00:00:00.000Z",
    level: "warn",
    kind: "rule-message",
    rule: "big.city",
    id: "k3x9:17:big.city@3:0",
    org: "acme",
    table: "public.cities",
    operation: "update",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
    message: 'a\n{"level":"error"}\u2028b',
  });
  expect([second.message, second.level, Buffer.byteLength(third.message)]).toEqual(["-", "info", 4_095]);
});
