import { describe, expect, test } from "bun:test";
import { ExactNumber } from "../../../src/core/events/json.ts";
import { problemOf, truthOf, updated } from "./orders.ts";

describe("a condition", () => {
  const shipped = updated({ total: 50, status: "paid" }, { total: 150, status: "shipped" });

  test.each([
    ["total > 100 && changed_to(status, 'shipped')", true],
    ["changed_from(status, 'paid') && changed(total) && !changed(note)", true],
    ["old.total * 3 = new.total", true],
    ["total between", undefined],
    ["note is null && note = 'x' || total >= 150", true],
    ["note = 'x'", null],
    ["!(note = 'x')", null],
    ["note = 'x' && total < 0", false],
    ["status in ('new', 'shipped')", true],
    ["status not in ('new')", true],
    ["op = 'update' && claims.sub = 'ada'", true],
    ["now > '2026-03-01T12:59:59+01:00'", true],
    ["total / 0 > 1", null],
    ["items in ()", false],
    ["true", true],
    ["false || false", false],
  ] as const)("%s is %p", (text, expected) => {
    if (expected === undefined) expect(problemOf(text)).toContain("found");
    else expect(truthOf(text, shipped)).toBe(expected);
  });

  test("compares numbers that doubles would make equal", () => {
    const row = updated(null, {
      id: new ExactNumber("9007199254740993"),
      total: new ExactNumber("0.1000000000000000055"),
    });
    expect(truthOf("id = 9007199254740993", row)).toBe(true);
    expect(truthOf("id = 9007199254740992", row)).toBe(false);
    expect(truthOf("id > 9007199254740992 && id - 1 = 9007199254740992", row)).toBe(true);
    expect(truthOf("total > 0.1", row)).toBe(true);
    expect(truthOf("0.1 + 0.2 = 0.3", row)).toBe(true);
  });

  test("asks old for the rows of a delete", () => {
    const removed = updated({ total: 7 }, null, { operation: "delete" });
    expect(truthOf("total = 7", removed)).toBe(true);
    expect(truthOf("new.total is null", removed)).toBe(true);
  });

  test("sees times, not their text", () => {
    const row = updated(
      { seen_at: "2026-03-01T10:00:00+00:00" },
      { seen_at: "2026-03-01T11:00:00+01:00", due: "2026-03-01" },
    );
    expect(truthOf("changed(seen_at)", row)).toBe(false);
    expect(truthOf("seen_at = '2026-03-01T05:00:00-05:00'", row)).toBe(true);
    expect(truthOf("due <= '2026-03-01'", row)).toBe(true);
  });

  test("reads JSON as what it is compared with, and else finds null", () => {
    const row = updated(null, { data: { a: { b: [1, "two", null] }, on: true } });
    expect(truthOf("data.a.b[0] = 1", row)).toBe(true);
    expect(truthOf("data.a.b[1] = 1", row)).toBe(null);
    expect(truthOf("data['a'].b[1] like 't%'", row)).toBe(true);
    expect(truthOf("data.a.b[2] is null && data.x.y is null", row)).toBe(true);
    expect(truthOf("data.on", row)).toBe(true);
    expect(truthOf("has_key(data, 'a') && contains(data, json('{\"a\": {\"b\": [1]}}'))", row)).toBe(true);
  });

  test("never reaches what an object inherits", () => {
    const row = updated(null, { data: JSON.parse('{"__proto__": {"x": 1}}') });
    expect(truthOf("data.constructor is null && data.toString is null", row)).toBe(true);
    expect(truthOf("data.__proto__.x = 1", row)).toBe(true);
    expect(truthOf("data.__proto__.x = 1", updated(null, { data: {} }))).toBe(null);
    expect(problemOf("constructor = 'x'")).toContain('unknown field of Order "constructor"');
  });

  test("has a JSON form", () => {
    expect(truthOf({ total: { _gt: 100, _lte: 150 }, status: { _changed_to: "shipped" } }, shipped)).toBe(true);
    expect(
      truthOf({ _or: [{ note: { _is_null: false } }, { "old.total": { _lt: { _path: "new.total" } } }] }, shipped),
    ).toBe(true);
    expect(truthOf({ _value: { _mul: [{ _path: "old.total" }, 3] }, _eq: { _path: "total" } }, shipped)).toBe(true);
    expect(
      truthOf(
        { id: { _eq: { _number: "9007199254740993" } } },
        updated(null, { id: new ExactNumber("9007199254740993") }),
      ),
    ).toBe(true);
  });
});

describe("a wrong condition", () => {
  test.each([
    ["totl > 1", '1:1 unknown field of Order "totl"; did you mean "total"?'],
    ["customerId = 1", '1:1 "customerId" is the name in the API; its column is customer_id'],
    ["total > 1 &&\n  stats = 'x'", '2:3 unknown field of Order "stats"; did you mean "status"?'],
    ["total = 'x'", "1:9 a number cannot be compared with a text"],
    ["total = '5.50'", "1:9 a number cannot be compared with a text; did you mean 5.5?"],
    ["note = 'a' || 7 < note", "1:15 a number cannot be compared with a text; did you mean '7'?"],
    ["total in (1, '2')", "1:14 a number cannot be compared with a text; did you mean 2?"],
    ["changed_to(note, -1)", "1:18 a text cannot be compared with a number; did you mean '-1'?"],
    ["paid = 'true'", "1:8 a boolean cannot be compared with a text; did you mean true?"],
    ["status = 'shiped'", '1:10 unknown value "shiped"; did you mean "shipped"?'],
    ["status > 'paid'", "1:1 an enum has no order: only = and != can be asked"],
    ["owner = 'me'", '1:9 "me" is not a UUID'],
    [
      "seen_at > '2026-03-01T00:00:00'",
      '1:11 "2026-03-01T00:00:00" is not a timestamptz, such as 2026-03-01T12:30:00Z, with its offset',
    ],
    ["due = '2026-02-30'", '1:7 "2026-02-30" is not a date, such as 2026-03-01'],
    ["due < now", "1:1 a date cannot be compared with a timestamptz"],
    ["total == 1", "1:7 there is no ==; write ="],
    ["total > 1 and items > 1", "1:11 there is no and; write &&"],
    ["note = null", "1:8 nothing compares with null; write `is null` or `is not null`"],
    ["note = 'x", "1:8 the text that begins here has no closing '"],
    ["chnged(note)", '1:1 unknown function "chnged"; did you mean "changed"?'],
    ["changed(new.note)", "1:9 what changed is a field of the row, without old or new before it"],
    ["note.a = 1", "1:1 note is text and has no parts"],
    ["tags.a = 'x'", "1:1 tags is an array; its first element is tags[0]"],
    ["note + 1 = 2", "1:1 a text is not a number"],
    ["note like 'a\\'", "1:1 a pattern does not end with the escape character \\"],
    ["total > 1 > 2", "1:11 comparisons do not follow one another; join them by &&"],
    ["(total) > 1 ; x", '1:13 unexpected ";"'],
    ["total", "1:1 a number cannot be compared with a boolean"],
    ["place = 'x'", "1:9 a column of this type cannot be compared with a text"],
  ])("%p: %s", (text, expected) => {
    expect(problemOf(text)).toBe(expected);
  });

  test.each([
    [{ totl: { _gt: 1 } }, 'condition.totl unknown field of Order "totl"; did you mean "total"?'],
    [{ total: { _gte_: 1 } }, 'condition.total._gte_ unknown operator "_gte_"; did you mean "_gte"?'],
    [{ _or: [{ total: { _eq: "x" } }] }, "condition._or.0.total._eq a number cannot be compared with a text"],
    [{ note: { _eq: 7 } }, 'condition.note._eq a text cannot be compared with a number; did you mean "7"?'],
    [{ total: { _in: [1, "2"] } }, "condition.total._in.1 a number cannot be compared with a text; did you mean 2?"],
    [{ and: [] }, 'condition.and unknown operator "and"; did you mean "_and"?'],
    [{ note: { _eq: null } }, "condition.note._eq nothing compares with null; use _is_null"],
    [
      { total: { _gt: { _sum: [1, 2] } } },
      'condition.total._gt._sum unknown form of a value "_sum"; did you mean "_sub"?',
    ],
    [JSON.parse('{"__proto__": {"_eq": 1}}'), 'condition.__proto__ unknown field of Order "__proto__"'],
  ])("%j: %s", (json, expected) => {
    expect(problemOf(json)).toStartWith(expected);
  });

  test("JSON of 50,000 levels is refused, at its place", () => {
    const deep = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    expect(problemOf({ data: { _eq: { _json: deep } } })).toBe("condition.data._eq._json this is nested too deep");
  });

  test("asks for a row that its operations do not have", () => {
    expect(problemOf("old.total = 1", ["insert"])).toBe("1:1 insert has no old row");
    expect(problemOf("total = 1", ["truncate"])).toBe("1:1 truncate has no row");
  });

  test("is bounded in depth, in parts and in length", () => {
    expect(problemOf(`${"(".repeat(5_000)}true${")".repeat(5_000)}`)).toContain(
      "a condition has at most 10000 characters",
    );
    expect(problemOf(`${"!".repeat(5_000)}true`)).toContain("nested too deep");
    expect(problemOf(`${"(".repeat(2_000)}true${")".repeat(2_000)}`)).toContain("nested too deep");
    expect(problemOf(Array(200).fill("items > 1").join(" && "))).toBe("1:1 a condition has at most 256 parts");
    expect(problemOf(`${"!(".repeat(20)}paid = true${")".repeat(20)}`)).toContain("deeper than 16 levels");
    expect(problemOf(`items = ${"9".repeat(5_000)}`)).toContain("too long");
    const deep = JSON.parse(`${'{"_not":'.repeat(3_000)}{}${"}".repeat(3_000)}`);
    expect(problemOf(deep)).toContain("nested too deep");
  });
});
