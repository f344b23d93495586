import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rootOver, SCALAR_SETUP } from "./scalar-values.ts";
import { type Served, serve } from "./served.ts";

let api: Served;
beforeAll(async () => {
  api = await serve("scalar_inputs", SCALAR_SETUP);
});
afterAll(() => api.close());

/** Values no column of the type can hold, or that could be read in two ways. All are refused before a statement runs. */
const REFUSED: Readonly<Record<string, { readonly pg: string; readonly values: readonly unknown[] }>> = {
  Int: { pg: "int4", values: [2147483648, 1.5, "1", true, {}, [1, 2]] },
  BigInt: {
    pg: "int8",
    values: ["9223372036854775808", "-9223372036854775809", "1.0", "", "0x10", 9007199254740992, 1.5, true, "１"],
  },
  Decimal: {
    pg: "numeric",
    values: ["", "1,5", "nan", "infinity", "1e", "0x1", "1_000", true, 0.1234567890123456, "1 "],
  },
  Float: { pg: "float8", values: ["NaN", "1.5", "Infinity", true, {}] },
  Boolean: { pg: "bool", values: ["true", 1, 0, "t"] },
  String: { pg: "text", values: [1, true, {}, "a\0b", "\ud83d", "\ude00\ud83d"] },
  UUID: { pg: "uuid", values: ["", "0b6c1c5e7f0a4d8e9a532f1d2c1f9a11", "0b6c1c5e-7f0a-4d8e-9a53-2f1d2c1f9a1g", 1] },
  DateTime: {
    pg: "timestamptz",
    values: [
      "2024-02-29T12:00:00",
      "2023-02-29T12:00:00Z",
      "2024-02-29",
      "now",
      "today",
      "2024-02-29T25:00:00Z",
      "2024-02-29T12:00:00+16:00",
      "294277-01-01T00:00:00Z",
      "2024-02-29T12:00:00.1234567Z",
      0,
    ],
  },
  LocalDateTime: {
    pg: "timestamp",
    values: ["2024-02-29T12:00:00Z", "2024-13-01T00:00:00", "2024-02-29 12:00:00", "epoch"],
  },
  Date: {
    pg: "date",
    values: [
      "2023-02-29",
      "29.02.2024",
      "02/03/04",
      "tomorrow",
      "2024-2-9",
      "0000-01-01",
      "5874898-01-01",
      "4715-01-01 BC",
    ],
  },
  Time: { pg: "time", values: ["24:00:01", "12:60:00", "noon", "12", "12:00:00Z"] },
  TimeWithZone: { pg: "timetz", values: ["12:30:00", "12:30:00+16:00", "12:30:00 CET", "12:30:00+2"] },
  Duration: { pg: "interval", values: ["1 day", "P", "PT", "-P1D", "P1S", "1:00", "", 3600] },
  JSON: { pg: "jsonb", values: [{ a: "\0" }, ["\ud800"], { "\0": 1 }] },
  Bytes: { pg: "bytea", values: ["AA", "AA=", "AB==", "AP8*", "\\x00", "A P8", 1] },
  IP: {
    pg: "inet",
    values: ["256.0.0.1", "1.2.3", "1.2.3.4/33", "::1/129", ":::", "1.2.3.04", "localhost", "fe80::1%eth0"],
  },
  CIDR: { pg: "cidr", values: ["192.168.1.1/24", "10/8", "::1/64"] },
  MAC: { pg: "macaddr", values: ["08:00:2b:01:02", "08:00:2b-01:02:03", "0800.2b01.0203", ""] },
  OddLabels: { pg: "odd_labels", values: ["PG-13", "3d", "", "OK", 1] },
};

describe("values outside of a scalar are refused before the database sees them", () => {
  for (const [scalar, { pg, values }] of Object.entries(REFUSED)) {
    test(`${scalar} refuses what is none`, async () => {
      const list = rootOver(api.model, pg, "list");
      const before = api.statements();
      for (const value of values) {
        const { errors, status } = await api.answer(
          `query ($v: ${scalar}) { ${list}(where: { value: { eq: $v } }) { id } }`,
          { v: value },
        );
        expect({ value, code: errors[0]?.extensions.code, status }).toEqual({
          value,
          code: "BAD_USER_INPUT",
          status: 400,
        });
      }
      expect(api.statements()).toBe(before);
    });
  }
});

describe("values in the document itself", () => {
  const ids = async (pg: string, literal: string): Promise<unknown> => {
    const list = rootOver(api.model, pg, "list");
    const data = (await api.data(`{ ${list}(where: { value: { eq: ${literal} } }) { id } }`)) as Record<
      string,
      { id: number }[]
    >;
    return data[list]?.map(({ id }) => id);
  };

  test("long numbers lose no digit, whether they are written as numbers or as strings", async () => {
    expect(await ids("int8", "9007199254740993")).toEqual([3]);
    expect(await ids("int8", "9007199254740992")).toEqual([]);
    expect(await ids("int8", '"9223372036854775807"')).toEqual([4]);
    expect(await ids("numeric", "-0.000000000000000000000001")).toEqual([7]);
    expect(await ids("numeric", "1.1000")).toEqual([5, 6]);
  });

  test("a number that no double can hold is refused and never taken for infinity", async () => {
    for (const literal of ["1e999", "-1e999", `1${"0".repeat(400)}`]) {
      expect(await api.code(`{ ofFloat8List(where: { value: { lt: ${literal} } }) { id } }`)).toBe("VALIDATION_ERROR");
      expect(
        await api.code(`query ($v: Float = ${literal}) { ofFloat8List(where: { value: { lt: $v } }) { id } }`),
      ).toBe("VALIDATION_ERROR");
    }
    expect(await ids("float8", "1e-999")).toEqual(await ids("float8", "0"));
  });

  test("JSON is written as a literal, with its keys as names", async () => {
    expect(await ids("jsonb", "{ a: 2 }")).toEqual([1]);
    expect(await ids("jsonb", "1.5")).toEqual([6]);
    expect(await ids("jsonb", "false")).toEqual([5]);
  });

  test("a variable inside a JSON literal is refused", async () => {
    expect(await api.code("query ($v: Int) { ofJsonbs(where: { value: { eq: { a: $v } } }) { id } }", { v: 2 })).toBe(
      "VALIDATION_ERROR",
    );
  });

  test("text of a block string and with escapes is compared as the characters it stands for", async () => {
    const data = await api.data(
      '{ a: ofTexts(where: { value: { eq: "\\u{1F469}\\u200D\\u{1F469}\\u200D\\u{1F467}\\u200D\\u{1F466}" } }) { value } b: ofTexts(where: { value: { eq: """it\'s""" } }) { value } }',
    );
    expect(data).toEqual({ a: [{ value: "👩‍👩‍👧‍👦" }], b: [{ value: "it's" }] });
  });

  test("half a surrogate pair and U+0000 cannot stand in the document", async () => {
    expect(await api.code('{ ofTexts(where: { value: { eq: "\\uD83D" } }) { id } }')).toBe("PARSE_ERROR");
    expect(await api.code('{ ofTexts(where: { value: { eq: "a\\u0000" } }) { id } }')).toBe("BAD_USER_INPUT");
  });
});

test("a number that fits Int but not int2 matches nothing and is no error", async () => {
  expect(await api.data("{ ofInt2List(where: { value: { gt: 100000 } }) { id } }")).toEqual({ ofInt2List: [] });
  expect(await api.data("{ ofInt2List(where: { value: { lt: 100000 } }) { id } }")).toEqual({
    ofInt2List: [{ id: 1 }, { id: 2 }, { id: 3 }],
  });
});

test("a filter value is not held to the check of a domain", async () => {
  expect(
    await api.data(
      '{ ofPositives(where: { value: { gt: -5 } }) { id } ofShortTexts(where: { value: { neq: "longer than five" } }) { id } }',
    ),
  ).toEqual({
    ofPositives: [{ id: 1 }, { id: 2 }],
    ofShortTexts: [{ id: 1 }, { id: 2 }],
  });
});

test("the padding of char(n) takes no part in comparisons of text", async () => {
  expect(await api.data('{ ofChar4List(where: { value: { endsWith: "b" } }) { id } }')).toEqual({
    ofChar4List: [{ id: 1 }, { id: 2 }],
  });
  expect(await api.data('{ ofChar4List(where: { value: { like: "ab" } }) { id } }')).toEqual({
    ofChar4List: [{ id: 1 }],
  });
  expect(await api.data('{ ofChar4List(where: { value: { regex: "^ab$" } }) { id } }')).toEqual({
    ofChar4List: [{ id: 1 }],
  });
});

test("dates that are out of PostgreSQL's reach only by a little are an input error without SQL in it", async () => {
  const { errors } = await api.answer('{ ofDates(where: { value: { eq: "4714-01-01 BC" } }) { id } }');
  expect(errors).toEqual([
    {
      message: "A date or time is outside the range of its type.",
      extensions: { sqlstate: "22008", code: "BAD_USER_INPUT" },
    },
  ]);
});
