import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createClient } from "../../src/client/mod.ts";
import { type Api, worldApi } from "../client/world-api.ts";
import { type Workplace, workplace } from "./command-line.ts";

const ROOT = join(import.meta.dir, "..", "..");

const QUERIES = `
query Cities($country: String!, $limit: Int) {
  cities(where: { country: { code: { eq: $country } } }, orderBy: [{ name: ASC }], limit: $limit) {
    ...CityParts
    country { continent }
  }
}
query Continents($where: CountryRowWhere) { countryRows(where: $where, limit: 1) { continent } }
`;
const FRAGMENTS = "fragment CityParts on City { name latitude region { name } }\n";

let api: Api;
let at: Workplace;
beforeAll(async () => {
  api = await worldApi();
  at = await workplace(api.databaseUrl);
  await at.write("schema.compiled.json", api.artifact);
  await at.write("src/cities.graphql", QUERIES);
  await at.write("src/parts/city.graphql", FRAGMENTS);
});
afterAll(async () => {
  await at.remove();
  await api.close();
});

/** What `tsc` says of a file that stands beside the generated one. */
async function compiled(file: string, text: string): Promise<string> {
  await at.write(file, text);
  const options = { extends: join(ROOT, "tsconfig.base.json"), compilerOptions: { types: [], lib: ["ES2023", "DOM"] } };
  await at.write("tsconfig.json", JSON.stringify({ ...options, files: [file] }));
  const tsc = Bun.spawn(["node", join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-p", at.folder], {
    stdout: "pipe",
  });
  return new Response(tsc.stdout).text();
}

describe("generate", () => {
  test("writes a module for all files below src, the same each time", async () => {
    const first = await at.run("generate");
    expect(first).toEqual({ code: 0, out: "src/generated.ts: 2 operations and 1 fragments of 2 files\n", err: "" });
    const text = await at.read("src/generated.ts");
    expect(text).toContain("export const CitiesDocument = `query Cities($country: String!, $limit: Int) {");
    const again = await at.run(
      "generate",
      "--documents",
      "src/parts/*.graphql",
      "src/cities.graphql",
      "--out",
      "b.ts",
      "--json",
    );
    expect(JSON.parse(again.out)).toEqual({ out: "b.ts", files: 2, operations: 2, fragments: 1 });
    expect(await at.read("b.ts")).toBe(text);
  });

  test("takes a folder for all documents below it, and no folder for a document", async () => {
    const whole = await at.run("generate", "--documents", "src", "--out", "c.ts");
    expect(whole).toEqual({ code: 0, out: "c.ts: 2 operations and 1 fragments of 2 files\n", err: "" });
    expect(await at.read("c.ts")).toBe(await at.read("src/generated.ts"));
    const listed = await at.run("generate", "--documents", "src/par*", "src/*.graphql", "src/parts/*", "--out", "d.ts");
    expect(listed.err).toContain('No file matches "src/par*"');
  });

  test("its documents give what their types say", async () => {
    const { CitiesDocument } = await import(join(at.folder, "src", "generated.ts"));
    const data = await createClient(api).query(CitiesDocument, { country: "CH", limit: 1 });
    expect(data as unknown).toEqual({
      cities: [{ name: "Aadorf", latitude: "47.49204", region: { name: "Thurgau" }, country: { continent: "Europe" } }],
    });
  });

  test("a wrong variable, and a field that was not selected, do not compile", async () => {
    const client = join(ROOT, "src", "client", "mod.ts");
    const problems = await compiled(
      "src/use.ts",
      `import { createClient, type ResultOf, type VariablesOf } from ${JSON.stringify(client)};
import { CitiesDocument, ContinentsDocument, type CityPartsFragment } from "./generated.ts";

const client = createClient({ url: "/graphql" });
const { cities } = await client.query(CitiesDocument, { country: "CH" });
export const names: readonly string[] = cities.map(({ name }) => name);
export const parts: CityPartsFragment | undefined = cities[0];
await client.query(ContinentsDocument);
await client.query(ContinentsDocument, { where: { continent: { in: ["Asia"] } } }, { signal: AbortSignal.timeout(9) });
// @ts-expect-error the country is required
await client.query(CitiesDocument);
// @ts-expect-error the country is required
await client.query(CitiesDocument, {});
// @ts-expect-error a country code is text
await client.query(CitiesDocument, { country: 41 });
// @ts-expect-error there is no such variable
await client.query(CitiesDocument, { country: "CH", lmit: 1 });
// @ts-expect-error there is no such continent
await client.query(ContinentsDocument, { where: { continent: { eq: "Atlantis" } } });
// @ts-expect-error there is no such operator
await client.query(ContinentsDocument, { where: { continent: { equals: "Asia" } } });
// @ts-expect-error not selected
cities[0]?.longitude;
// @ts-expect-error a region may be absent
cities[0]?.region.name;
// @ts-expect-error a Decimal is a string
cities[0]?.latitude.toFixed(2);
// @ts-expect-error a result is not changed
cities.push();
export const variables: VariablesOf<typeof CitiesDocument> = { country: "CH", limit: null };
export const result: ResultOf<typeof ContinentsDocument> = { countryRows: [{ continent: "Asia" }] };
// @ts-expect-error there is no such continent
result.countryRows[0]?.continent === "Atlantis";

for await (const batch of client.table(CitiesDocument, { country: "CH" })) batch.byteLength;
for await (const rows of client.table(CitiesDocument, { country: "CH" }, { reader: (bytes) => bytes.length })) rows.toFixed();
// @ts-expect-error the country is required
client.table(CitiesDocument, {});
// @ts-expect-error the reader gives numbers
for await (const rows of client.table(CitiesDocument, { country: "" }, { reader: () => 1 })) rows.numRows;
`,
    );
    expect(problems).toBe("");
  }, 60_000);

  test("a file that a person wrote stays as it is", async () => {
    await at.write("src/mine.ts", "export const mine = 1;\n");
    const refused = await at.run("generate", "--out", "src/mine.ts");
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("src/mine.ts was not written by this command");
    expect(await at.read("src/mine.ts")).toBe("export const mine = 1;\n");
  });

  test("scalars take the type that is named for them", async () => {
    expect(await at.run("generate", "--scalar", "Decimal=number | string", "--out", "s.ts")).toMatchObject({ code: 0 });
    expect(await at.read("s.ts")).toContain("readonly Decimal: number | string;");
    const wrong = await at.run("generate", "--scalar", "Decimal");
    expect(wrong).toMatchObject({ code: 2, out: "" });
    expect(wrong.err).toContain("--scalar takes Name=Type");
  });
});

describe("what is wrong", () => {
  test("with a document is said with file, line and the line itself", async () => {
    await at.write("broken/a.graphql", "query A {\n  cities(limit: 1) { nam }\n}\n");
    await at.write("broken/b.graphql", "query B { cities { name }\n");
    const run = await at.run("generate", "--documents", "broken/*.graphql", "--out", "broken.ts");
    expect(run.code).toBe(1);
    expect(run.err).toContain("broken/b.graphql:2:1: Syntax Error: Expected Name, found <EOF>.");
    await at.write("broken/b.graphql", "query B { cities { name } }\n");
    const { err } = await at.run("generate", "--documents", "broken/*.graphql", "--out", "broken.ts");
    expect(err).toContain('broken/a.graphql:2:22: Cannot query field "nam" on type "City". Did you mean "name"?');
    expect(err).toContain("2 | cities(limit: 1) { nam }");
    const json = await at.run("generate", "--documents", "broken/*.graphql", "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out).error).toMatchObject({
      code: "VALIDATION_ERROR",
      problems: [{ file: "broken/a.graphql", line: 2, column: 22 }],
    });
  });

  test("with the call ends it with 2", async () => {
    const none = await at.run("generate", "--documents", "nowhere/*.graphql");
    expect(none.code).toBe(2);
    expect(none.err).toContain('No file matches "nowhere/*.graphql"');
    const form = await at.run("generate", "--form", "nodes");
    expect(form).toMatchObject({ code: 2 });
    expect(form.err).toContain('did you mean "node"?');
    expect((await at.run("generate", "--schema", "none.json")).err).toContain(
      "fraiseql compile schema.ts --out none.json",
    );
    const help = await at.run("generate", "--help");
    expect(help.code).toBe(0);
    expect(help.out).toStartWith("fraiseql generate");
    expect((await at.run("generate", "--schem", "a")).err).toContain("Did you mean --schema?");
  });
});
