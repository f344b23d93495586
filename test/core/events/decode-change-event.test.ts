import { expect, test } from "bun:test";
import { decodeChangeEvent } from "../../../src/core/events/decode-change-event.ts";
import { ExactNumber } from "../../../src/core/events/json.ts";
import { CITY_EVENT } from "../../support/change-event.ts";

test("an event is read as it was written, with all digits", () => {
  const text = JSON.stringify(CITY_EVENT).replace("290598", "9007199254740993");
  expect(decodeChangeEvent(JSON.stringify(CITY_EVENT))).toEqual(CITY_EVENT);
  expect(decodeChangeEvent(text).after?.["population"]).toEqual(new ExactNumber("9007199254740993"));
});

test("what is no event is refused, with the part that is wrong", () => {
  const problem = (text: string) => {
    try {
      return decodeChangeEvent(text);
    } catch (error) {
      return error instanceof SyntaxError ? error.message : error;
    }
  };
  expect(problem("[]")).toBe("an event is a JSON object");
  expect(problem("{")).toBeString();
  for (const name of Object.keys(CITY_EVENT)) {
    const { [name as "id"]: _, ...rest } = CITY_EVENT;
    expect(problem(JSON.stringify(rest))).toBe(`the event's ${name} is missing or of another type`);
  }
  const wrong = { before: [], spilled: 1, operation: "upsert", position: 1.5, org: 7, after: "x" };
  for (const [name, value] of Object.entries(wrong)) {
    expect(problem(JSON.stringify({ ...CITY_EVENT, [name]: value }))).toBe(
      `the event's ${name} is missing or of another type`,
    );
  }
});
