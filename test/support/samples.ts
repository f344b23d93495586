import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import postgres from "postgres";
import { loadWorld } from "../../examples/world/load.ts";
import { withDatabase } from "../../src/adapters/embedded-postgres/ensure-database.ts";
import { runSql, type TestDatabase, testDatabase, testServer } from "./postgres.ts";

/** `world` is the project's own example; the other two are dumps that lie beside a checkout, not in it. */
export type SampleName = "world" | "sakila" | "chinook";

const SAMPLES = process.env["FRAISEQL_SAMPLES"] ?? join(import.meta.dir, "..", "..", "..", "shared", "data");

/**
 * Whether the sample is there. Tests of the dumps say `describe.skipIf(!sampleAvailable("sakila"))`, so that a checkout
 * without them shows as skipped; `FRAISEQL_SAMPLES` names the folder that holds `sakila/sakila.sql`.
 */
export function sampleAvailable(name: SampleName): boolean {
  return name === "world" || existsSync(dumpOf(name));
}

/** Databases with the sample in them, loaded once per test run and copied from there. */
const templates = new Map<SampleName, Promise<string>>();

/** A database of its own with the sample's tables and rows, as the test's own to change. */
export async function sampleDatabase(name: SampleName): Promise<TestDatabase> {
  return testDatabase(name, "", await templateOf(name));
}

function templateOf(name: SampleName): Promise<string> {
  const made = templates.get(name) ?? makeTemplate(name);
  templates.set(name, made);
  return made;
}

async function makeTemplate(name: SampleName): Promise<string> {
  const base = await testServer();
  const database = `sample_${name}_${crypto.randomUUID().slice(0, 8)}`;
  await runSql(base, `CREATE DATABASE "${database}"`);
  const url = withDatabase(base, database);
  if (name === "world") await loadWorld(url);
  else await loadDump(url, await readFile(dumpOf(name), "utf8"));
  return database;
}

function dumpOf(name: SampleName): string {
  return join(SAMPLES, name, `${name}.sql`);
}

/** Loads what `pg_dump` wrote: SQL, and between it `COPY … FROM stdin;` with rows up to a line `\.`. */
async function loadDump(url: string, dump: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (const part of dump.split(/^(?=COPY .* FROM stdin;$)/m)) {
      const [, copy, rows, rest = part] = /^(COPY [^\n]* FROM stdin;)\n(.*?)^\\\.$(.*)/ms.exec(part) ?? [];
      if (copy !== undefined) {
        const sink = await sql.unsafe(copy).writable();
        sink.end(rows);
        await finished(sink);
      }
      await sql.unsafe(rest).simple();
    }
  } finally {
    await sql.end();
  }
}
