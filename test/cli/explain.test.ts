/** `fraiseql explain`, as docs/guides/queries.md calls it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { sampleDatabase } from "../support/samples.ts";
import { type Workplace, workplace } from "./command-line.ts";

const GUIDE = readFileSync(join(import.meta.dir, "../../docs/guides/queries.md"), "utf8");
/** The operation and the place of the artifact, as the page has them. */
const [, OPERATION = "", ARTIFACT = ""] = /fraiseql explain '(.*)' --schema (\S+)/.exec(GUIDE) ?? [];
const ONE_COUNTRY =
  "query One($code: String!) { countryByCode(code: $code) { name } } query Other { countryRows { code } }";

let database: Awaited<ReturnType<typeof sampleDatabase>>;
let at: Workplace;
beforeAll(async () => {
  database = await sampleDatabase("world");
  at = await workplace(database.url);
  await at.write(ARTIFACT, (await compileDatabase(database.url)).artifact);
});
afterAll(async () => {
  await at.remove();
  await database.drop();
});
const explain = (...args: string[]) => at.run("explain", ...args, "--schema", ARTIFACT);

test("the guide's command shows the operation, its plan, its SQL, its parameters and what PostgreSQL makes of it", async () => {
  const { code, out, err } = await explain(OPERATION);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect([...out.matchAll(/^\S.*$/gm)].map(([title]) => title)).toEqual([
    "Operation",
    "Plan",
    "SQL",
    "Parameters",
    "PostgreSQL's plan",
  ]);
  expect(out).toMatch(/^SQL\n {2}select /m);
  expect(out).toMatch(/^PostgreSQL's plan\n(.*\n)*.*Scan on/m);
});

test("--json gives the same as one value, with the value of every parameter", async () => {
  const { code, out } = await explain(ONE_COUNTRY, "--operation", "One", "--variables", '{"code":"CH"}', "--json");
  const { sql, parameters, databasePlan } = JSON.parse(out);
  expect(code).toBe(0);
  expect(parameters).toContainEqual({ name: expect.stringContaining("code"), value: "CH" });
  expect(sql).not.toContain("CH'");
  expect(databasePlan.join("\n")).not.toContain("actual");
});

test("--analyze runs the statement too, and shows what each step took", async () => {
  expect((await explain(OPERATION, "--analyze")).out).toMatch(/actual (time|rows)/);
});

test("an operation that the schema has no place for is refused with its code and exit code 1, with --json as errors", async () => {
  const refused = await explain("{ countryRows { nmae } }");
  expect([refused.code, refused.out, refused.err]).toEqual([1, "", expect.stringMatching(/^VALIDATION_ERROR: .*nmae/)]);
  const json = await explain("{ countryRows { nmae } }", "--json");
  expect(JSON.parse(json.out).errors[0].extensions.code).toBe("VALIDATION_ERROR");
});

test("the artifact that the configuration names is taken where no other is given, by check too", async () => {
  await at.write("fraiseql.toml", `[artifact]\npath = "${ARTIFACT}"\n`);
  expect(await at.run("explain", OPERATION)).toMatchObject({ code: 0, err: "" });
  expect(await at.run("check")).toMatchObject({ code: 0, out: expect.stringContaining(`${ARTIFACT} fits`) });
});

test("what cannot be explained at all ends with exit code 2: no operation, variables that are no object, no artifact", async () => {
  expect(await explain()).toMatchObject({ code: 2, err: expect.stringContaining("no operation to explain") });
  for (const variables of ["{", "[]", "null", "1"]) {
    expect(await explain(OPERATION, "--variables", variables)).toMatchObject({
      code: 2,
      err: expect.stringContaining("--variables"),
    });
  }
  expect(await at.run("explain", OPERATION, "--schema", "none.json")).toMatchObject({ code: 2 });
});
