// Mercurius (Fastify) with its compiler (jit) on and resolvers as its documentation advises: named prepared statements,
// only the columns of the schema, and one batched statement per level through loaders.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { visits } from "./mercurius-visits.mjs";

// A Date would cost more and lose microseconds.
pg.types.setTypeParser(pg.types.builtins.TIMESTAMP, (text) => text.replace(" ", "T"));
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL_MAX) });
let statements = 0;

/** A statement with a name, so that PostgreSQL keeps its plan. */
function prepared(text) {
  const name = `s${++statements}`;
  return async (values) => (await pool.query({ name, text, values })).rows;
}

/** A loader: the lists of many parents in one statement that gives each row its `parent`. */
function batched(statement, key) {
  return {
    loader: async (queries) => {
      const keys = queries.map(({ obj }) => obj[key]);
      const lists = new Map(keys.map((value) => [value, []]));
      for (const row of await statement([keys, queries[0].params.limit])) lists.get(row.parent).push(row);
      return keys.map((value) => lists.get(value));
    },
    // Its cache would answer from memory what the others read from the database.
    opts: { cache: false },
  };
}

const { api } = await import(`./mercurius-${process.env.DATA_SET}.mjs`);
const { schema, resolvers, loaders } = api(prepared, batched);
const writing = visits(prepared);
const app = Fastify();
app.register(mercurius, {
  jit: 1,
  schema: schema + writing.schema,
  resolvers: { ...resolvers, ...writing.resolvers },
  loaders,
});
await app.listen({ port: 0, host: "127.0.0.1" });
process.stdout.write(`ready http://127.0.0.1:${app.server.address().port}/graphql\n`);
