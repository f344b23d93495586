// PostGraphile 5 as its documentation sets it up for speed: production mode, no watching, no GraphiQL, plain lists.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

// Without this, PostGraphile leaves out every table that has an enum with a label like "North America".
const EnumNames = {
  name: "EnumNames",
  version: "1.0.0",
  inflection: {
    replace: {
      enumValue(previous, _options, value, codec) {
        return previous.call(this, value.replace(/\W/g, "_"), codec);
      },
    },
  },
};

const instance = postgraphile({
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
  plugins: [EnumNames],
  // It hides filters on columns without an index; the filtered page has such a column.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public"],
      poolConfig: { max: Number(process.env.POOL_MAX) },
    }),
  ],
  schema: { defaultBehavior: "+list +connection" },
  grafserv: { graphiql: false, watch: false, graphqlPath: "/graphql" },
  grafast: { explain: false },
});
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(0, "127.0.0.1", () => process.stdout.write(`ready http://127.0.0.1:${server.address().port}/graphql\n`));
