/** The whole configuration: every key, its bounds and its default. `docs/reference/configuration.md` follows it. */
import { z } from "zod";
import { DEFAULT_LIMITS } from "../core/limits.ts";

const count = (fallback: number, most: number) => z.int().min(1).max(most).default(fallback);
const milliseconds = (fallback: number) => count(fallback, 3_600_000);
/** `z.strictObject` with all defaults when the section is absent. */
const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).prefault({} as never);

export const CONFIG = z.strictObject({
  server: section({
    host: z.string().min(1).default("127.0.0.1"),
    /** 0 takes any free port. */
    port: z.int().min(0).max(65_535).default(8000),
    mode: z.enum(["development", "production"]).default("development"),
    /** Absent: on in development, off in production. */
    graphiql: z.boolean().optional(),
    /** How long a stopping server waits for the requests it has begun. */
    stopMs: milliseconds(10_000),
  }),
  artifact: section({ path: z.string().min(1).default("schema.compiled.json") }),
  database: section({
    url: z
      .string({ error: "expected a connection URL, for example postgres://user:password@localhost:5432/mydb" })
      .regex(/^postgres(ql)?:\/\//, "expected a connection URL that begins with postgres://"),
    connectionsMax: count(10, 1_000),
    connectTimeoutMs: milliseconds(5_000),
    /** Requests that may wait for a free connection; more are answered with 503 at once. */
    waitersMax: count(1_000, 100_000),
    waitMs: milliseconds(10_000),
  }),
  embedded: section({
    /** What `npm start` keeps when there is no database of one's own. */
    directory: z.string().min(1).default(".fraiseql"),
  }),
  limits: section({
    depthMax: count(DEFAULT_LIMITS.depthMax, 1_000),
    aliasesMax: count(DEFAULT_LIMITS.aliasesMax, 100_000),
    rootFieldsMax: count(DEFAULT_LIMITS.rootFieldsMax, 10_000),
    tokensMax: count(DEFAULT_LIMITS.tokensMax, 1_000_000),
    pageRowsMax: count(DEFAULT_LIMITS.pageRowsMax, 10_000_000),
    bodyBytesMax: count(DEFAULT_LIMITS.bodyBytesMax, 1_073_741_824),
    statementTimeoutMs: milliseconds(DEFAULT_LIMITS.statementTimeoutMs),
    documentsMax: count(DEFAULT_LIMITS.documentsMax, 1_000_000),
    plansPerDocumentMax: count(DEFAULT_LIMITS.plansPerDocumentMax, 10_000),
    inputNodesMax: count(DEFAULT_LIMITS.inputNodesMax, 10_000_000),
  }),
});

export type Config = z.infer<typeof CONFIG>;

/** Whether `GET /graphql` shows GraphiQL to a browser. */
export function showsGraphiql(server: Config["server"]): boolean {
  return server.graphiql ?? server.mode === "development";
}
