// GraphQL Yoga as its documentation shows it, on Bun: one resolver that gives the rows of postgres.js. Values that JSON has
// no form for go out as PostgreSQL writes them, which costs it nothing.
import { GraphQLScalarType } from "graphql";
import { createSchema, createYoga } from "graphql-yoga";
import postgres from "postgres";

const sql = postgres(process.env.DATABASE_URL, { max: Number(process.env.POOL_MAX), fetch_types: false });
const asItIs = (name) => new GraphQLScalarType({ name, serialize: (value) => value });

const schema = createSchema({
  typeDefs: `
    scalar BigInt scalar DateTime scalar Decimal scalar JSON
    type Event {
      id: ID! seq: BigInt! qty: Int! amount: Float! at: DateTime! kind: String! label: String ok: Boolean! payload: JSON price: Decimal
    }
    type Query { events(limit: Int!, columns: [String!]!): [Event!]! }
  `,
  resolvers: {
    BigInt: asItIs("BigInt"),
    Decimal: asItIs("Decimal"),
    JSON: asItIs("JSON"),
    DateTime: new GraphQLScalarType({ name: "DateTime", serialize: (value) => value.toISOString() }),
    Query: {
      events: (_, { limit, columns }) => sql`select ${sql(columns)} from events order by seq limit ${limit}`,
    },
  },
});
const yoga = createYoga({ schema, logging: false, landingPage: false, maskedErrors: false });
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 0, fetch: (request) => yoga.fetch(request) });
process.stdout.write(`ready ${server.url.href}graphql\n`);
