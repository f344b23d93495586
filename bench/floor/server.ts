/**
 * The floor: the least a server can do for these operations. `Bun.serve`, postgres.js, one hand-written statement per
 * document, no GraphQL at all. The driver is set as ours is: what reads waits for a connection, what writes goes out behind
 * what runs.
 */
import postgres from "postgres";
import { documentOf } from "../data/data-set.ts";
import { dataSet } from "../data/data-sets.ts";

const url = process.env["DATABASE_URL"] ?? "";
const options = { max: Number(process.env["POOL_MAX"]), fetch_types: false, prepare: true };
const reading = postgres(url, { ...options, max_pipeline: 0 } as postgres.Options<Record<string, never>>);
const writing = postgres(url, options);
/** Without `simple: false` a statement that has no values would be planned every time. */
const EXTENDED = { prepare: true, simple: false } as { prepare: true };
const operations = new Map(
  dataSet(process.env["DATA_SET"] ?? "").operations.map((operation) => [documentOf(operation, "floor"), operation]),
);
const headers = { "content-type": "application/json; charset=utf-8" };

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  development: false,
  async fetch(request) {
    const { query, variables } = (await request.json()) as { query: string; variables: Record<string, unknown> };
    const operation = operations.get(query);
    if (!operation) return new Response('{"errors":[{"message":"unknown document"}]}', { status: 400, headers });
    const values = operation.values(variables);
    const sql = operation.write ? writing : reading;
    const rows = await sql.unsafe(operation.statement, values, EXTENDED).raw();
    return new Response(rows[0]?.[0] as Uint8Array<ArrayBuffer>, { headers });
  },
});
process.stdout.write(`ready ${server.url.href}graphql\n`);
