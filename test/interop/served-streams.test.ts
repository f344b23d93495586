/** Streams of the server on each runtime, as readers nobody here wrote find them: what SELECT says, on all of them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import type { Column } from "../../src/core/columnar/column.ts";
import type { Logical } from "../core/columnar/logical.ts";
import { readApacheArrow } from "../core/columnar/read-apache-arrow.ts";
import { readFlechette } from "../core/columnar/read-flechette.ts";
import { logicalOfText } from "../flows/arrow-values.ts";
import { type Exported, exported } from "../flows/exported.ts";
import { RUNTIMES, type ServerProcess, startServer, type Workplace, workplace } from "../smoke/servers.ts";
import { installPython, installReaders } from "./installed.ts";
import { normalRows, READERS, read } from "./reading.ts";

const NAMES = "id big double flag words day clock instant bytes token price mood doc".split(" ");
const SETUP = `
  create type mood as enum ('calm', 'wild');
  create table samples (
    id int4 primary key, big int8, double float8, flag bool, words text, day date, clock time, instant timestamptz,
    bytes bytea, token uuid, price numeric(20, 4), mood mood, doc jsonb
  );
  insert into samples select
    i, case when i % 5 > 0 then i::int8 * 461168601842738 end, i / 7.0, case when i % 3 > 0 then i % 2 = 0 end,
    case when i % 11 > 0 then repeat('ü' || i, i % 40) end, date '1900-01-01' + i, time '00:00' + i * interval '4.321 s',
    timestamptz '1950-01-01+00' + i * interval '1 day 1.5 s', int4send(i), md5(i::text)::uuid, i * 12345.6789,
    (array['calm', 'wild', null])[1 + i % 3]::mood, jsonb_build_object('i', i)
  from generate_series(1, 12000) i;
`;
const QUERY = `{ samples(orderBy: { id: ASC }) { ${NAMES.join(" ")} } }`;

const python = await installPython();
const noPython = "missing" in python ? ` (skipped: ${python.missing})` : "";

let database: Exported;
let place: Workplace;
let artifact: string;
let columns: readonly Column[];
let expected: readonly (readonly Logical[])[];
beforeAll(async () => {
  [place, database] = await Promise.all([
    workplace("with exports"),
    exported("served_streams", SETUP),
    installReaders(),
  ]);
  const { url } = database.served;
  artifact = join(place.directory, "schema.compiled.json");
  await writeFile(artifact, (await compileDatabase(url)).artifact);
  columns = database.columns(QUERY);
  const sql = postgres(url, { max: 1, fetch_types: false, connection: { TimeZone: "UTC" } });
  const texts = await sql
    .unsafe(`select ${NAMES.map((name) => `${name}::text`).join(", ")} from samples order by samples.id`)
    .values();
  await sql.end();
  expected = texts.map((row) =>
    columns.map(({ type }, index) => {
      const text = row[index] as string | null;
      return text === null ? null : logicalOfText(type, text);
    }),
  );
}, 240_000);
afterAll(async () => {
  await database.close();
  await place.remove();
});

describe.each(RUNTIMES)("a stream of %s", (runtime) => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer(runtime, place, { DATABASE_URL: database.served.url, FRAISEQL_ARTIFACT_PATH: artifact });
  });
  afterAll(() => server.stop());

  const stream = async (prefer = ""): Promise<Uint8Array> => {
    const headers = {
      "content-type": "application/json",
      accept: "application/vnd.apache.arrow.stream",
      "accept-encoding": "identity",
      prefer,
    };
    const response = await fetch(server.url, { method: "POST", headers, body: JSON.stringify({ query: QUERY }) });
    expect(response.status).toBe(200);
    return response.bytes();
  };
  /** What a program of its own finds. */
  const foundBy = async (command: readonly string[], bytes: Uint8Array, nanoTimes = false) => {
    const [found] = await read(command, [bytes]);
    return normalRows(columns, found, nanoTimes);
  };

  test("is read by apache-arrow and flechette", async () => {
    const bytes = await stream();
    expect(readApacheArrow(bytes).rows).toEqual(expected);
    expect(readFlechette(bytes).rows).toEqual(expected);
  });

  test("is read by DuckDB", async () => {
    expect(await foundBy([process.execPath, join(READERS, "duckdb.mjs")], await stream())).toEqual(expected);
  }, 60_000);

  test("is read by Polars, without the names of extension types", async () => {
    const bytes = await stream("extension-types=omitted");
    expect(await foundBy([process.execPath, join(READERS, "polars.mjs")], bytes, true)).toEqual(expected);
  }, 60_000);

  for (const through of ["pyarrow", "duckdb"]) {
    test.skipIf(noPython !== "")(
      `is read by ${through} in Python${noPython}`,
      async () => {
        const command = ["python" in python ? python.python : "", join(READERS, "read_files.py"), through];
        expect(await foundBy(command, await stream())).toEqual(expected);
      },
      60_000,
    );
  }
});
