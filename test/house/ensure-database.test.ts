import { expect, test } from "bun:test";
import postgres from "postgres";
import {
  type DatabaseContents,
  ensureDatabase,
  withDatabase,
} from "../../src/adapters/embedded-postgres/ensure-database.ts";
import { runSql, testServer } from "../support/postgres.ts";

async function wordIn(url: string): Promise<unknown> {
  const sql = postgres(url, { max: 1 });
  try {
    return (await sql`SELECT word FROM kept`)[0]?.["word"];
  } finally {
    await sql.end();
  }
}

function contents(name: string, version: string): DatabaseContents {
  return { name, version, load: (url) => runSql(url, `CREATE TABLE kept AS SELECT $text$${version}$text$ AS word`) };
}

const uniqueName = () => `ensured_${crypto.randomUUID().slice(0, 8)}`;

test("contents are loaded once and found again", async () => {
  const server = await testServer();
  const name = uniqueName();
  const first = await ensureDatabase(server, contents(name, "it's one"));
  expect(first).toEqual({ url: withDatabase(server, name), loaded: true });
  const second = await ensureDatabase(server, contents(name, "it's one"));
  expect(second.loaded).toBe(false);
  expect(await wordIn(second.url)).toBe("it's one");
});

test("a load that breaks off leaves no database that looks finished", async () => {
  const server = await testServer();
  const name = uniqueName();
  const broken = ensureDatabase(server, {
    name,
    version: "one",
    load: async (url) => {
      await runSql(url, "CREATE TABLE kept (word text)");
      throw new Error("the power went");
    },
  });
  await expect(broken).rejects.toThrow("the power went");
  const again = await ensureDatabase(server, contents(name, "one"));
  expect(again.loaded).toBe(true);
  expect(await wordIn(again.url)).toBe("one");
});

test("older contents are put aside under another name", async () => {
  const server = await testServer();
  const name = uniqueName();
  await ensureDatabase(server, contents(name, "one"));
  const { url, keptAs } = await ensureDatabase(server, contents(name, "two"));
  expect(await wordIn(url)).toBe("two");
  expect(await wordIn(withDatabase(server, String(keptAs)))).toBe("one");
});
