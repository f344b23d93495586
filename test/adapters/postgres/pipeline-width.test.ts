import { expect, test } from "bun:test";
import { createPipelineWidth } from "../../../src/adapters/postgres/pipeline-width.ts";

function after(most: number, times: readonly number[]) {
  let time = 0;
  const width = createPipelineWidth(most, () => time);
  for (const each of times) width.took(each);
  return { width, pass: (milliseconds: number) => (time += milliseconds) };
}
const times = (count: number, milliseconds: number) => Array.from({ length: count }, () => milliseconds);

test("statements that only work go over few connections, those that wait over all", () => {
  expect(after(9, []).width.now()).toBe(3);
  expect(after(9, times(1_000, 0.05)).width.now()).toBe(3);
  expect(after(9, times(128, 0.3)).width.now()).toBe(9);
  expect(after(2, times(1_000, 0.05)).width.now()).toBe(2);
  expect(after(0, times(128, 0.3)).width.now()).toBe(0);
});

test("a few long ones among short ones do not count, however long", () => {
  expect(after(9, [...times(64, 500), ...times(64, 0.01)]).width.now()).toBe(3);
  expect(after(9, [...times(65, 0.2), ...times(63, 0.01)]).width.now()).toBe(9);
});

test("few are tried again after a while", () => {
  const { width, pass } = after(9, times(128, 0.3));
  pass(9_999);
  expect(width.now()).toBe(9);
  pass(1);
  expect(width.now()).toBe(3);
  for (const each of times(128, 0.3)) width.took(each);
  expect(width.now()).toBe(9);
});
