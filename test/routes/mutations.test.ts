/** Mutations over HTTP, on the composition that servers run, as a role that may write beside one that may not. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { createApp } from "../../routes/app.ts";
import { ensureReader } from "../../src/adapters/embedded-postgres/reader.ts";
import { ensureWriter } from "../../src/adapters/embedded-postgres/writer.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { type Edge, openEdge } from "../../src/compose/edge.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { faultProxy } from "../support/fault-proxy.ts";
import { runSql, type TestDatabase, testDatabase } from "../support/postgres.ts";

const SETUP = `
  create table account (id int primary key, owner text not null, balance int not null default 0);
  create table seen (org text, actor text, traceparent text, cause text);
  create function see() returns trigger language plpgsql security definer as $$
    begin
      if new.owner = 'slow' then perform pg_sleep(600); end if;
      insert into seen values (coalesce(current_setting('fraiseql.org', true), ''), coalesce(current_setting('fraiseql.actor', true), ''),
        coalesce(current_setting('fraiseql.traceparent', true), ''), coalesce(current_setting('fraiseql.cause', true), ''));
      return coalesce(new, old);
    end $$;
  create trigger see before insert or update or delete on account for each row execute function see();
  create schema fraiseql;
`;

type Body = { data?: unknown; errors?: { message: string; extensions: Record<string, unknown> }[] };

let database: TestDatabase;
let sql: Sql;
let edge: Edge;
let app: ReturnType<typeof createApp>;
let artifact: string;
let urls: { reader: string; writer: string };

const opened = async (writeUrl: string, more: Record<string, string> = {}): Promise<Edge> => {
  const env = { DATABASE_URL: urls.reader, FRAISEQL_DATABASE_WRITE_URL: writeUrl, ...more };
  return openEdge({ config: loadConfig({ env }), artifact, report: () => undefined });
};

beforeAll(async () => {
  database = await testDatabase("mutation_routes", SETUP);
  const migration = join(import.meta.dir, "../../src/adapters/postgres/migrations/0002-idempotency.sql");
  await runSql(database.url, await readFile(migration, "utf8"));
  urls = { reader: await ensureReader(database.url), writer: await ensureWriter(database.url) };
  artifact = (await compileDatabase(urls.reader)).artifact;
  edge = await opened(urls.writer);
  app = createApp(edge);
  sql = postgres(database.url, { max: 3, onnotice: () => {} });
});
afterAll(async () => {
  await sql.end();
  await edge.close();
  await database.drop();
});

async function post(query: string, headers: Record<string, string> = {}, to = app) {
  const response = await to.request("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  const retryAfter = response.headers.get("retry-after");
  return { status: response.status, retryAfter, text, body: JSON.parse(text) as Body };
}
const codeOf = ({ body }: { body: Body }) => body.errors?.[0]?.extensions["code"];
const balances = async () => (await sql`select id, owner, balance from account order by id`).map((row) => ({ ...row }));
const fresh = () => sql`truncate account, seen`;

describe("a mutation", () => {
  test("is answered over POST, as the role that may write, while queries stay with the one that may not", async () => {
    await fresh();
    const { status, body } = await post(
      'mutation { insertAccount(values: { id: 1, owner: "Ada" }) { owner balance } }',
    );
    expect({ status, body }).toEqual({ status: 200, body: { data: { insertAccount: { owner: "Ada", balance: 0 } } } });
    const roles =
      await sql`select usename from pg_stat_activity where application_name = 'fraiseql' and datname = current_database()`;
    expect(roles.map(({ usename }) => usename).toSorted()).toContain("fraiseql_writer");
    expect(await balances()).toEqual([{ id: 1, owner: "Ada", balance: 0 }]);
  });

  test.each(["", "text/csv", "application/vnd.apache.arrow.stream"])(
    "sent with GET and Accept %p changes nothing",
    async (accept) => {
      await fresh();
      const query = encodeURIComponent('mutation { insertAccount(values: { id: 1, owner: "Ada" }) { owner } }');
      const response = await app.request(`/graphql?query=${query}`, { headers: accept ? { accept } : {} });
      expect(response.status).toBe(accept ? 400 : 405);
      if (!accept) expect(response.headers.get("allow")).toBe("POST");
      await response.text();
      expect(await balances()).toEqual([]);
    },
  );

  test("has no form as a table", async () => {
    await fresh();
    const refused = await post('mutation { insertAccount(values: { id: 1, owner: "Ada" }) { owner } }', {
      accept: "text/csv",
    });
    expect(codeOf(refused)).toBe("BAD_USER_INPUT");
    expect(await balances()).toEqual([]);
  });

  test("takes its trace from the request, or begins one where it may write several rows, and its org from no header", async () => {
    await fresh();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const headers = { traceparent, "x-org-id": "evil", "x-tenant": "evil", org: "evil", "fraiseql-org": "evil" };
    await post('mutation { a: insertAccount(values: { id: 1, owner: "A" }) { id } }', headers);
    await post('mutation { a: insertAccount(values: { id: 2, owner: "B" }) { id } }', {
      traceparent: "'; drop table account; --",
    });
    await post(
      'mutation { a: insertAccount(values: { id: 3, owner: "C" }) { id } b: insertAccount(values: { id: 4, owner: "D" }) { id } }',
    );
    await post('mutation { insertAccounts(values: [{ id: 5, owner: "E" }, { id: 6, owner: "F" }]) { id } }');
    await post("mutation { deleteAccount(id: 5) { id } }");
    await post("mutation { updateAccounts(where: { id: { eq: 6 } }, set: { balance: 1 }) { id } }");
    const seen = (await sql`select org, actor, traceparent, cause from seen`).map((row) => ({ ...row }));
    const begun = expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(seen).toEqual([
      { org: "", actor: "", traceparent, cause: "" },
      { org: "", actor: "", traceparent: "", cause: "" },
      ...[1, 2, 3, 4, 5, 6].map(() => ({ org: "", actor: "", traceparent: begun, cause: "" })),
    ]);
    const [, , one, two, three, four, five, six] = seen.map((row) => row["traceparent"]);
    expect([two, four]).toEqual([one, three]);
    expect(new Set([traceparent, one, three, five, six]).size).toBe(5);
  });

  test("keeps values apart from SQL, whatever they look like", async () => {
    await fresh();
    const owner = `x'); drop table account; -- $1 "a" \\`;
    const values = JSON.stringify(owner);
    await post(`mutation { insertAccount(values: { id: 1, owner: ${values} }) { id } }`);
    await post(`mutation { insertAccounts(values: [{ id: 2, owner: ${values} }, { id: 3, owner: "{}" }]) { id } }`);
    await post(`mutation { updateAccounts(where: { owner: { eq: ${values} } }, set: { balance: 5 }) { id } }`);
    expect(await balances()).toEqual([
      { id: 1, owner, balance: 5 },
      { id: 2, owner, balance: 5 },
      { id: 3, owner: "{}", balance: 0 },
    ]);
  });

  test("fails as a role that may not write, and nothing changes", async () => {
    await fresh();
    const reading = await opened(urls.reader);
    try {
      const refused = await post(
        'mutation { insertAccount(values: { id: 1, owner: "A" }) { id } }',
        {},
        createApp(reading),
      );
      expect({ status: refused.status, code: codeOf(refused) }).toEqual({ status: 500, code: "DATABASE_ERROR" });
      expect(await balances()).toEqual([]);
    } finally {
      await reading.close();
    }
  });

  test("that takes longer than a statement may is 503 with Retry-After, and nothing has changed", async () => {
    await fresh();
    const hurried = await opened(urls.writer, { FRAISEQL_LIMITS_STATEMENT_TIMEOUT_MS: "300" });
    try {
      for (const accept of ["application/json", "application/graphql-response+json"]) {
        const query = 'mutation { insertAccount(values: { id: 1, owner: "slow" }) { id } }';
        const { status, retryAfter, body } = await post(query, { accept }, createApp(hurried));
        expect([status, retryAfter, codeOf({ body })]).toEqual([503, "1", "STATEMENT_TIMEOUT"]);
      }
      expect(await balances()).toEqual([]);
    } finally {
      await hurried.close();
    }
  });

  test("whose connection is lost while it runs is reported as unknown, never as failed", async () => {
    await fresh();
    const proxy = await faultProxy(urls.writer);
    const distant = await opened(proxy.url);
    try {
      const answer = post(
        'mutation { insertAccount(values: { id: 1, owner: "slow" }) { id } }',
        {},
        createApp(distant),
      );
      await running();
      proxy.cut();
      const { status, body } = await answer;
      expect({ status, code: body.errors?.[0]?.extensions["code"] }).toEqual({ status: 500, code: "OUTCOME_UNKNOWN" });
    } finally {
      await distant.close();
      await proxy.close();
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'fraiseql_writer' and state = 'active'`;
    }
  });
});

/** Resolves when a writing session is in the trigger that sleeps. */
async function running(): Promise<void> {
  for (let looks = 0; looks < 20_000; looks += 1) {
    const [found] =
      await sql`select 1 from pg_stat_activity where usename = 'fraiseql_writer' and wait_event = 'PgSleep'`;
    if (found) return;
  }
  throw new Error("the mutation was never seen running");
}

describe("an Idempotency-Key", () => {
  const insert = (id: number) =>
    `mutation { insertAccount(values: { id: ${id}, owner: "A" }) { id owner } again: updateAccount(id: ${id}, set: { balance: 1 }) { balance } }`;

  test("gives the same bytes for the same body, and writes once", async () => {
    await fresh();
    const first = await post(insert(1), { "idempotency-key": '"k-1"' });
    expect(first.body).toEqual({ data: { insertAccount: { id: 1, owner: "A" }, again: { balance: 1 } } });
    await sql`update account set balance = 77`;
    const second = await post(insert(1), { "idempotency-key": "k-1" });
    expect({ status: second.status, text: second.text }).toEqual({ status: first.status, text: first.text });
    expect(await balances()).toEqual([{ id: 1, owner: "A", balance: 77 }]);
  });

  test("refuses another body with 422", async () => {
    await fresh();
    await post(insert(1), { "idempotency-key": "k-2" });
    const refused = await post(insert(2), { "idempotency-key": "k-2" });
    expect({ status: refused.status, code: codeOf(refused) }).toEqual({ status: 422, code: "IDEMPOTENCY_KEY_REUSED" });
    expect(await balances()).toHaveLength(1);
  });

  test("refuses a second request with 409 while the first is not answered", async () => {
    await fresh();
    const slow = 'mutation { insertAccount(values: { id: 9, owner: "slow" }) { id } }';
    const first = post(slow, { "idempotency-key": "k-3" });
    await running();
    const second = await post(slow, { "idempotency-key": "k-3" });
    expect({ status: second.status, code: codeOf(second) }).toEqual({ status: 409, code: "IDEMPOTENCY_KEY_IN_USE" });
    await sql`select pg_cancel_backend(pid) from pg_stat_activity where usename = 'fraiseql_writer' and wait_event = 'PgSleep'`;
    await first;
  });

  test("keeps nothing of a request that failed, all of whose fields are undone together", async () => {
    await fresh();
    const failing =
      'mutation { insertAccount(values: { id: 1, owner: "A" }) { id } b: insertAccount(values: { id: 1, owner: "A" }) { id } }';
    const refused = await post(failing, { "idempotency-key": "k-4" });
    expect(codeOf(refused)).toBe("UNIQUE_VIOLATED");
    expect(await balances()).toEqual([]);
    expect(await sql`select from fraiseql.idempotency_keys where key = 'k-4'`).toHaveLength(0);
    expect((await post(insert(1), { "idempotency-key": "k-4" })).body.errors).toBeUndefined();
  });

  test("may be used again when it has expired", async () => {
    await fresh();
    await post(insert(1), { "idempotency-key": "k-5" });
    await sql`update fraiseql.idempotency_keys set expires_at = now() - interval '1 second'`;
    expect((await post(insert(2), { "idempotency-key": "k-5" })).body.errors).toBeUndefined();
    expect(await sql`select key from fraiseql.idempotency_keys`).toHaveLength(1);
  });

  test.each([
    ["the schema", "usage on schema fraiseql", "USAGE on the schema fraiseql"],
    [
      "the keys",
      "select on fraiseql.idempotency_keys",
      "SELECT, INSERT, UPDATE or DELETE on fraiseql.idempotency_keys",
    ],
    [
      "new keys",
      "insert on fraiseql.idempotency_keys",
      "SELECT, INSERT, UPDATE or DELETE on fraiseql.idempotency_keys",
    ],
  ])("is refused with the right that the role lacks on %s, and nothing is written", async (_, right, told) => {
    await fresh();
    await runSql(database.url, `revoke ${right} from fraiseql_writer`);
    try {
      const { status, body } = await post(insert(1), { "idempotency-key": "k-6" });
      expect({ status, errors: body.errors }).toEqual({
        status: 400,
        errors: [
          {
            message: `This server cannot keep idempotency keys: the role that writes lacks ${told}.`,
            extensions: { code: "IDEMPOTENCY_KEY_INVALID" },
          },
        ],
      });
      expect(await balances()).toEqual([]);
    } finally {
      await runSql(database.url, `grant ${right} to fraiseql_writer`);
    }
  });

  test("is refused where nobody has migrated, with what to do", async () => {
    await fresh();
    await runSql(database.url, "alter table fraiseql.idempotency_keys rename to kept_elsewhere");
    try {
      const { body } = await post(insert(1), { "idempotency-key": "k-7" });
      expect(body.errors?.[0]?.message).toContain("`fraiseql migrate` makes the table");
    } finally {
      await runSql(database.url, "alter table fraiseql.kept_elsewhere rename to idempotency_keys");
    }
  });

  test.each(["", '""', "x".repeat(256), "\u00e9"])("that is none is refused: %p", async (key) => {
    await fresh();
    const refused = await post(insert(1), { "idempotency-key": key });
    expect({ status: refused.status, code: codeOf(refused) }).toEqual({ status: 400, code: "IDEMPOTENCY_KEY_INVALID" });
    expect(await balances()).toEqual([]);
  });
});
