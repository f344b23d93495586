/** The whole configuration: every key, its bounds and its default. `docs/reference/configuration.md` follows it. */
import * as z from "zod/mini";
import { DEFAULT_LIMITS } from "../core/limits.ts";
import {
  columnPattern,
  connectionUrl,
  count,
  hostPattern,
  milliseconds,
  network,
  port,
  section,
  tablePattern,
  text,
  token,
} from "./values.ts";

export const CONFIG = z.strictObject({
  server: section({
    host: z._default(text, "127.0.0.1"),
    port: port(8000),
    /** Absent: development on a loopback address, else production. */
    mode: z.optional(z.enum(["development", "production"])),
    /**
     * Names of `Host` that operations are answered for, `*.example.com` and `*` among them. Absent: any, but on a
     * loopback address only the names of this machine.
     */
    allowedHosts: z.optional(z.array(hostPattern)),
    /** Absent: on in development, off in production. */
    graphiql: z.optional(z.boolean()),
    /** Whether clients may read the schema. Absent: on in development, off in production. */
    introspection: z.optional(z.boolean()),
    /**
     * How long a stopping server goes on to take requests while `/health/ready` says no: longer than a balancer takes to
     * notice. Absent: 0 in development, 5,000 in production.
     */
    drainMs: z.optional(z.int().check(z.minimum(0), z.maximum(3_600_000))),
    /** How long a stopping server waits for the requests it has begun. */
    stopMs: milliseconds(10_000),
  }),
  artifact: section({ path: z._default(text, "schema.compiled.json") }),
  database: section({
    url: connectionUrl,
    /** For a role that may write; mutations run over it alone. Absent: mutations run as the role of `url`. */
    writeUrl: z.optional(connectionUrl),
    /** For `fraiseql migrate` and workers: who owns the tables. Absent: the same as `url`. */
    ownerUrl: z.optional(connectionUrl),
    connectionsMax: count(10, 1_000),
    /** Connections for mutations; they are opened when the first one comes. */
    writeConnectionsMax: count(5, 1_000),
    connectTimeoutMs: milliseconds(5_000),
    /** Requests that may wait for a free connection; more are answered with 503 at once. */
    waitersMax: count(1_000, 100_000),
    waitMs: milliseconds(10_000),
  }),
  /** Tables: Arrow, CSV, lines of JSON. They have connections of their own, lest they keep operations waiting. */
  exports: section({
    connectionsMax: count(4, 1_000),
    waitersMax: count(100, 100_000),
    waitMs: milliseconds(10_000),
    /** From the first row to the last, the time in which the client did not read included. */
    statementTimeoutMs: count(300_000, 86_400_000),
    /** Where versions of the data come from; without one a table has no entity tag. */
    dataVersion: z._default(z.enum(["snapshot", "query", "none"]), "snapshot"),
    /** For `query`: one row of one value, which changes whenever any of the data does. */
    dataVersionQuery: z.optional(text),
    /** Memory for encoded tables; 0 keeps none. */
    cacheBytesMax: z._default(z.int().check(z.minimum(0), z.maximum(1_099_511_627_776)), 0),
    cacheTtlMs: milliseconds(60_000),
  }),
  embedded: section({
    /** What `npm start` keeps when there is no database of one's own. */
    directory: z._default(text, ".fraiseql"),
  }),
  /** Which changes become events. */
  events: section({
    /** `schema.table`, or `*` for every table of the database. Absent: the tables of the compiled schema. */
    tables: z.optional(z.array(tablePattern)),
    /** `schema.table.column`: of a table that is named here, events show these columns alone. */
    columns: z.optional(z.array(columnPattern)),
    /** How long events stay in the outbox, to be shown and published again. */
    retentionMs: count(86_400_000, 31_536_000_000),
  }),
  /** The long-running half: relay, dispatcher, job runner, gateway. */
  workers: section({
    /** Connections of one process. */
    connectionsMax: count(10, 1_000),
    /** Where `/health`, `/metrics` and `/api` are answered. Without `api.token` this has to be a loopback address. */
    host: z._default(text, "127.0.0.1"),
    port: port(8001),
    /** Attempts that one process makes at the same time. */
    concurrency: count(50, 10_000),
    /** A job whose worker has not been heard of for so long is given to another. */
    leaseMs: milliseconds(30_000),
    /** How long a stopping worker waits for the attempts it has begun. */
    drainMs: milliseconds(25_000),
    /** How long decisions and ended deliveries are kept; dead letters stay. */
    retentionMs: count(604_800_000, 31_536_000_000),
  }),
  /** The event bus. Absent: in PostgreSQL. */
  nats: section({
    url: z.optional(
      z.string().check(z.regex(/^wss?:\/\//, "expected the address of a websocket listener, ws:// or wss://")),
    ),
    /** The login, where it does not stand in the URL. */
    user: z.optional(text),
    /** Read at each connect. */
    passwordFile: z.optional(text),
    /** `.creds` of decentralized authentication; read at each connect. */
    credentialsFile: z.optional(text),
    connectTimeoutMs: milliseconds(5_000),
    /** The streams are called NAME_EVENTS and NAME_REFUSED. */
    name: z._default(
      z.string().check(z.regex(/^[a-zA-Z0-9_-]{1,64}$/, "expected up to 64 letters, digits, or any of _ -")),
      "FRAISEQL",
    ),
    /** Equal message ids within it are one message. */
    duplicateWindowMs: count(120_000, 600_000),
    /** How long messages are kept in the stream. */
    retentionMs: count(86_400_000, 31_536_000_000),
    replicas: count(1, 5),
    /** What is not acknowledged for so long is given again. */
    ackWaitMs: count(30_000, 600_000),
    /** Before the subjects of the action `publish`; those of the bus itself are none of its. */
    publishPrefix: z._default(
      z
        .string()
        .check(
          z.regex(
            /^(?!fql\.$|fql\.(ev|refused)\.|_INBOX\.)([a-zA-Z0-9_-]+\.){1,8}$/,
            "expected a prefix such as shop. that is not fql.",
          ),
        ),
      "fql.out.",
    ),
  }),
  /** Where the job queue is kept. Absent: in PostgreSQL. */
  redis: section({
    url: z.optional(
      z
        .string()
        .check(
          z.regex(
            /^(rediss?|redis\+unix):\/\//,
            "expected a URL that begins with redis://, rediss:// or redis+unix://",
          ),
        ),
    ),
    /** What speaks Upstash's REST protocol: the edge enqueues there. */
    restUrl: z.optional(z.string().check(z.regex(/^https?:\/\//, "expected an address that begins with https://"))),
    restToken: z.optional(text),
    /** Tells apart what several installations keep in one Redis. */
    name: z._default(
      z.string().check(z.regex(/^[a-zA-Z0-9_.-]{1,64}$/, "expected up to 64 letters, digits, or any of _ . -")),
      "fraiseql",
    ),
    connectTimeoutMs: milliseconds(5_000),
    /** A server that owes an answer and says nothing for so long is given up. */
    replyTimeoutMs: milliseconds(5_000),
    /** Takes a Redis that may lose jobs: without an append-only file, or one that evicts keys. */
    allowUnsafe: z._default(z.boolean(), false),
  }),
  /** A worker that speaks Upstash's REST protocol in front of `redis.url`. */
  gateway: section({
    host: z._default(text, "127.0.0.1"),
    port: port(8002),
    /** The bearer token it asks for. Without one there is no gateway. */
    token: z.optional(token),
    bodyBytesMax: count(4_194_304, 1_073_741_824),
  }),
  api: section({
    /** What `/api` and the worker's port ask for as a bearer token. Absent: they are bound to a loopback address. */
    token: z.optional(token),
  }),
  telemetry: section({
    /** Where spans go, for example http://localhost:4318/v1/traces. Absent: nowhere. */
    tracesUrl: z.optional(
      z.string().check(z.regex(/^https?:\/\//, "expected an address that begins with http:// or https://")),
    ),
    /** Sent with the spans as `authorization`. */
    tracesAuthorization: z.optional(text),
  }),
  /** What webhooks of rules may reach. */
  webhooks: section({
    /** Networks such as 10.1.0.0/16 that may be called though they are not public. Absent: none. */
    allowedNetworks: z.optional(z.array(network)),
    /** Ports of public addresses; those of allowed networks may be called at any. */
    ports: z._default(z.array(z.int().check(z.minimum(1), z.maximum(65_535))), [80, 443, 8080, 8443]),
  }),
  /** When a receiver that fails is left alone for a while, for each org and receiver. */
  breakers: section({
    /** Attempts that fail in a row until then. */
    failuresMax: count(10, 10_000),
    /** How long at first; each time in a row for twice as long. */
    openMs: milliseconds(30_000),
    openMaxMs: milliseconds(600_000),
  }),
  /** The server that takes e-mail of rules. Absent: there is no action `email`. */
  smtp: section({
    url: z.optional(
      z
        .string({ error: "expected an address such as smtp://user:password@mail.example:587" })
        .check(z.regex(/^smtps?:\/\/[^/?#]+\/?$/, "expected an address such as smtp://user:password@mail.example:587")),
    ),
    /** Whom all messages are from. */
    from: z.optional(text),
    /** Whether messages go out in clear where the server knows no TLS. A server on this machine may know none. */
    tls: z._default(z.enum(["required", "offered"]), "required"),
  }),
  /** What secrets rules may name. */
  secrets: section({
    /** Variables; `SECRET_*` is all that begin so. */
    variables: z._default(z.array(text), ["SECRET_*"]),
    /** The folder below which the files have to be. */
    directory: z._default(text, "/run/secrets"),
  }),
  limits: section({
    depthMax: count(DEFAULT_LIMITS.depthMax, 1_000),
    aliasesMax: count(DEFAULT_LIMITS.aliasesMax, 100_000),
    rootFieldsMax: count(DEFAULT_LIMITS.rootFieldsMax, 10_000),
    fieldsMax: count(DEFAULT_LIMITS.fieldsMax, 1_000_000),
    tokensMax: count(DEFAULT_LIMITS.tokensMax, 1_000_000),
    pageRowsMax: count(DEFAULT_LIMITS.pageRowsMax, 10_000_000),
    exportRowsMax: count(DEFAULT_LIMITS.exportRowsMax, 1_000_000_000_000),
    bodyBytesMax: count(DEFAULT_LIMITS.bodyBytesMax, 1_073_741_824),
    responseBytesMax: count(DEFAULT_LIMITS.responseBytesMax, 1_073_741_824),
    /** Less than the time after which Bun closes a connection on which nothing moves. */
    statementTimeoutMs: count(DEFAULT_LIMITS.statementTimeoutMs, 240_000),
    documentsMax: count(DEFAULT_LIMITS.documentsMax, 1_000_000),
    cacheBytesMax: count(DEFAULT_LIMITS.cacheBytesMax, 1_099_511_627_776),
    plansPerDocumentMax: count(DEFAULT_LIMITS.plansPerDocumentMax, 10_000),
    inputNodesMax: count(DEFAULT_LIMITS.inputNodesMax, 10_000_000),
    inputDepthMax: count(DEFAULT_LIMITS.inputDepthMax, 1_000),
    orderTermsMax: count(DEFAULT_LIMITS.orderTermsMax, 1_000),
    mutationRowsMax: count(DEFAULT_LIMITS.mutationRowsMax, 1_000_000),
    idempotencyMs: count(DEFAULT_LIMITS.idempotencyMs, 2_592_000_000),
  }),
});

export type Config = z.infer<typeof CONFIG>;
