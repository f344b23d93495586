/** The table that is exported, its two selections, and the database that holds it. */
import postgres from "postgres";
import { stopTestServer, testDatabase, testServer } from "../../test/support/postgres.ts";
import { parentOf } from "../support/cpu.ts";

export type Shape = "wide" | "numeric";

export const COLUMNS: Readonly<Record<Shape, readonly string[]>> = {
  wide: ["id", "seq", "qty", "amount", "at", "kind", "label", "ok", "payload", "price"],
  numeric: ["seq", "qty", "amount", "at"],
};
export const SHAPES: readonly Shape[] = ["wide", "numeric"];

/** What every contender has to answer, in the order of the key; the floor sends just this. */
export function statementOf(shape: Shape, rows: number): string {
  return `select ${COLUMNS[shape].join(", ")} from events order by seq limit ${rows}`;
}

/** `many_events` holds ten times the rows and has no key, so it is read as it comes. */
export function documentOf(shape: Shape, rows: number, list: "events" | "manyEvents" = "events"): string {
  return `{ ${list}(limit: ${rows}) { ${COLUMNS[shape].join(" ")} } }`;
}

export type EventsDatabase = {
  readonly url: string;
  readonly postmaster: number;
  readonly version: string;
  /** Of PostgreSQL, as it shows the setting. */
  readonly buffers: string;
  stop(): Promise<void>;
};

/**
 * The table and its index take 0.19 GB. In the 128 MB that PostgreSQL has by default every reader would fetch each page from the
 * system anew; its manual advises a quarter of the memory.
 */
const SHARED_BUFFERS = "2GB";

/** Twelve kinds, almost a million different labels, and a twentieth of nulls in three of the columns. */
const setupOf = (rows: number): string => `
  create table events (
    id uuid not null, seq int8 primary key, qty int4 not null, amount float8 not null, at timestamptz not null,
    kind text not null, label text, ok bool not null, payload jsonb, price numeric(12, 2)
  );
  insert into events select
    md5(i::text)::uuid, i, (i::int8 * 7919) % 1000, i * 0.731, timestamptz '2024-01-01+00' + i * interval '1.234567 s',
    (array['view','click','cart','order','refund','login','logout','search','share','rate','open','close'])[i % 12 + 1],
    case when i % 20 <> 7 then 'label ' || i || repeat('x', i % 17) end, i % 3 <> 0,
    case when i % 20 <> 3 then jsonb_build_object('n', i, 'tag', 't' || i % 100, 'on', i % 2 = 0) end,
    case when i % 20 <> 11 then (i % 1000000) / 100.0 end
  from generate_series(1, ${rows}) as i;
  create view many_events as select e.* from generate_series(1, 10) cross join events e;
`;

/** No compiling of expressions and no second core for one statement, for everybody; and nothing left to clean up. */
export async function startEvents(rows: number): Promise<EventsDatabase> {
  await testServer({ shared_buffers: SHARED_BUFFERS });
  const { url } = await testDatabase("events", setupOf(rows));
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const name = new URL(url).pathname.slice(1);
    for (const setting of ["jit = off", "max_parallel_workers_per_gather = 0"]) {
      await sql.unsafe(`alter database "${name}" set ${setting}`);
    }
    await sql.unsafe("vacuum (analyze) events");
    const [row] = await sql<{ backend: number; version: string; buffers: string }[]>`
      select pg_backend_pid() as backend, current_setting('server_version') as version,
        current_setting('shared_buffers') as buffers`;
    const { backend = 0, version = "?", buffers = "?" } = row ?? {};
    return { url, postmaster: parentOf(backend), version, buffers, stop: stopTestServer };
  } finally {
    await sql.end();
  }
}
