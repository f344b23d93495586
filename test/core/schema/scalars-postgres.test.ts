/** PostgreSQL reads the text form of every scalar, and what it prints is taken again. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import { SCALARS, scalarType } from "../../../src/core/schema/scalars.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";

let database: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await testDatabase("scalars");
  sql = postgres(database.url, { max: 1, connection: { TimeZone: "UTC", IntervalStyle: "iso_8601" } });
}, 60_000);
afterAll(async () => {
  await sql?.end();
  await database?.drop();
});

const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  BigInt: ["9223372036854775807", "-9223372036854775808"],
  Decimal: ["12345678901234567890.123456789", "NaN", "-Infinity", "1e100", ".5", "5.", "+5"],
  UUID: ["0B6C1C5E-7F0A-4D8E-9A53-2F1D2C1F9A11"],
  DateTime: [
    "2024-02-29T23:59:59.123456+15:59",
    "0044-03-15T00:00:00Z BC",
    "infinity",
    "12026-01-01T00:00:00Z",
    "2024-02-29t10:00z",
  ],
  LocalDateTime: ["2026-03-01T24:00:00", "0001-01-01T00:00:00 BC", "-infinity"],
  Date: ["2024-02-29", "0005-02-29 BC", "4714-11-24 BC", "infinity", "5874897-12-31"],
  Time: ["00:00", "24:00:00", "12:30:00.123456"],
  TimeWithZone: ["12:30:00+15:59", "12:30:00Z"],
  Duration: ["P1Y-2M3DT4H-5M6.789S", "PT0S", "P1W", "P1Y2W", "-infinity", "P999999D"],
  JSON: [{ a: [1, "ü", null], b: "\\u0000" }, "text", 1, true],
  Bytes: ["", "AP8=", "+/+/"],
  IP: ["192.0.2.1/24", "::ffff:192.0.2.1", "2001:db8::", "::", "1:2:3:4:5:6:7:8"],
  CIDR: ["192.0.2.0/24", "2001:db8::/32", "10.0.0.0/8", "::/0"],
  MAC: ["08:00:2b:01:02:03"],
};

for (const { name, pg } of SCALARS.filter((row) => row.name in VALUES)) {
  test(`${name}: what it takes PostgreSQL reads, and what PostgreSQL prints it takes`, async () => {
    const scalar = scalarType(name);
    for (const value of VALUES[name] ?? []) {
      const text = scalar.parseValue(value);
      // Numbers of many digits stand in a response as text.
      const json =
        name === "Decimal" || name === "BigInt" ? `to_json($1::text::${pg[0]}::text)` : `to_json($1::text::${pg[0]})`;
      const [row] = await sql.unsafe(`select ${json} as printed`, [text as string]);
      const printed =
        name === "Bytes" ? Buffer.from(row?.["printed"].slice(2), "hex").toString("base64") : row?.["printed"];
      const again = scalar.parseValue(printed) as string;
      const [same] = await sql.unsafe(`select $1::text::${pg[0]} = $2::text::${pg[0]} as same`, [
        text as string,
        again,
      ]);
      expect([value, printed, same?.["same"]]).toEqual([value, printed, true]);
    }
  });
}
