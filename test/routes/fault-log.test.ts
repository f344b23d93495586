import { expect, test } from "bun:test";
import { createFaultLog } from "../../routes/fault-log.ts";

test("a fault is printed with its stack, its repetitions counted and printed at most every ten seconds", () => {
  const lines: string[] = [];
  let time = 0;
  const report = createFaultLog(
    (line) => lines.push(line),
    () => time,
  );
  const fault = new Error("connection lost");
  report(fault);
  expect(lines).toEqual([fault.stack!]);
  report(fault);
  report(new Error("connection lost"));
  report("another");
  expect(lines.slice(1)).toEqual(["another"]);
  time = 10_000;
  report(fault);
  expect(lines.slice(2)).toEqual(["Error: connection lost (and 2 more times)"]);
});
