/** The ADBC driver for PostgreSQL, which also reads binary rows: the same query gives the same table. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Exported, exported } from "../flows/exported.ts";
import { installPython, run } from "./installed.ts";

/** Types both have the same rule for: ADBC gives numeric and JSON as text of its own kind, and enums without their dictionary. */
const SETUP = `
  create table samples (
    id int4 primary key, small int2, big int8, single float4, double float8, flag bool, words text, day date, clock time,
    local timestamp, instant timestamptz, span interval, bytes bytea, token uuid, numbers int4[], texts text[], doc json
  );
  insert into samples select
    i, case when i % 7 > 0 then (i % 60000 - 30000) end, case when i % 5 > 0 then i::int8 * 461168601842738 end, i / 3.0, case when i % 9 > 0 then i / 7.0 end,
    case when i % 3 > 0 then i % 2 = 0 end, case when i % 11 > 0 then repeat('ü' || i, i % 40) end,
    date '1900-01-01' + i, time '00:00' + i * interval '4.321 s', timestamp '1969-12-31 23:00' + i * interval '1.000001 s',
    timestamptz '1950-01-01+00' + i * interval '1 day 1.5 s', make_interval(months => i % 30 - 15, days => i % 90, secs => i * 1.000001),
    int4send(i), md5(i::text)::uuid, case when i % 4 > 0 then array[i, null, -i] end, case when i % 4 > 1 then array['a', null] else '{}' end,
    json_build_object('i', i)
  from generate_series(1, 20000) i;
`;
const COLUMNS = "id small big single double flag words day clock local instant span bytes token numbers texts doc";

const installed = await installPython();
const reason = "missing" in installed ? ` (skipped: ${installed.missing})` : "";

describe.skipIf("missing" in installed)(`the ADBC driver${reason}`, () => {
  let database: Exported;
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "fraiseql-adbc-"));
    database = await exported("adbc", SETUP);
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await rm(directory, { recursive: true });
  });

  test("gives the same table for the same query, types and values", async () => {
    const file = join(directory, "samples.arrows");
    await writeFile(file, await database.stream(`{ samples(orderBy: { id: ASC }) { ${COLUMNS} } }`));
    const query = `select ${COLUMNS.replaceAll(" ", ", ")} from samples order by id`;
    const python = "python" in installed ? installed.python : "";
    const script = join(import.meta.dir, "readers/same_as_adbc.py");
    const { code, output } = await run([python, script, database.served.url, query, file], directory);
    expect({ code, output }).toEqual({ code: 0, output: "" });
  }, 60_000);
});
