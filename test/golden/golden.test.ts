import { afterAll, describe, expect, test } from "bun:test";
import { readCases, renderCase } from "./case.ts";
import { openDatabases } from "./databases.ts";
import { layOutJson, layOutSql } from "./layout.ts";

const databases = openDatabases();
afterAll(databases.close);

describe("golden cases: plan, SQL, values and answer are as the file says (bun run golden:update rewrites it)", () => {
  for (const each of readCases()) {
    test(each.name, async () => {
      expect(await renderCase(each, await databases.served(each.database))).toBe(each.text);
    });
  }
});

test("laying out SQL and JSON changes nothing but white space outside of quotes", () => {
  const squeezed = (text: string): string => text.replaceAll(/\s+/g, "");
  const sql = `select ('{"a b":' || (select coalesce(string_agg(t1.j, ','), '') from (select E'x\\\\ from ''y''' as j from "s"."a ""(select""" as t1 where t1."from" = $1::"int4" order by 1 limit 3) as t2) || '}')`;
  expect(squeezed(layOutSql(sql))).toBe(squeezed(sql));
  expect(layOutSql(sql)).toContain(`E'x\\\\ from ''y'''`);
  expect(layOutSql(sql)).toContain(`"a ""(select"""`);
  const json = `{"data":{"a":[1.50,-0,1e+21,null,"x, {y}: \\"z\\""],"b":{},"c":[],"d":"${"long ".repeat(30)}"}}`;
  expect(layOutJson(json)).toContain('[1.50, -0, 1e+21, null, "x, {y}: \\"z\\""]');
  expect(JSON.parse(layOutJson(json))).toEqual(JSON.parse(json));
});
