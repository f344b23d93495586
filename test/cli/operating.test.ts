import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { until } from "../support/until.ts";
import { workerWorld } from "../workers/worker-process.ts";

let world: Awaited<ReturnType<typeof workerWorld>>;
beforeAll(async () => {
  world = await workerWorld("operating");
  // As npm installs it: what is pulled imports `fraiseql`.
  await mkdir(join(world.place.folder, "node_modules"));
  await symlink(join(import.meta.dir, "..", ".."), join(world.place.folder, "node_modules", "fraiseql"));
});
afterAll(() => world.close());

const run = (...args: string[]) => world.place.run(...args);
async function json(...args: string[]) {
  const { code, out } = await run(...args, "--json");
  return { code, value: JSON.parse(out) };
}
/**
 * Runs workers until what was written is delivered or a dead letter. Each look at a part comes after the one before it was
 * empty: what is on its way between two is in neither at some moment of one look at all.
 */
async function worked(): Promise<void> {
  const worker = await world.start();
  await until(async () => (await worker.ready()).outbox.waiting === 0);
  await until(async () => (await worker.ready()).bus.pending === 0);
  await until(async () => (await worker.ready()).deliveries.open === 0);
  await worker.kill("SIGTERM");
}

test("what is pulled is what is there: a plan on it shows nothing to do", async () => {
  expect(await json("rules", "pull", "pulled.ts")).toEqual({ code: 0, value: { path: "pulled.ts", rules: 1 } });
  expect(await run("rules", "plan", "pulled.ts")).toMatchObject({ code: 0, err: "" });
  const { code, value } = await json("rules", "plan", "pulled.ts");
  expect([code, value.rulesVersion, value.plan.added, value.plan.changed, value.plan.removed]).toEqual([
    0,
    1,
    [],
    [],
    [],
  ]);
}, 60_000);

test("what is pulled imports by a path where the package's name leads nowhere", async () => {
  await world.place.write("elsewhere/README", "");
  const modules = join(world.place.folder, "node_modules");
  await rename(modules, `${modules}-away`);
  try {
    expect(await run("rules", "pull", "elsewhere/rules.ts")).toMatchObject({ code: 0 });
    expect(await run("rules", "plan", "elsewhere/rules.ts")).toMatchObject({ code: 0, err: "" });
  } finally {
    await rename(`${modules}-away`, modules);
  }
}, 60_000);

test("what is wrong in a rules file is told with its file, line and column", async () => {
  for (const [text, place, message] of [
    ["export const rules = [\n  {{ name: 1 },\n];\n", "2:4", "Expected"],
    ['const part = () => {\n  throw new Error("boom");\n};\npart();\n', "2:", "boom"],
  ] as const) {
    await world.place.write("broken.ts", text);
    const { value } = await json("rules", "plan", "broken.ts");
    expect(value.error.code).toBe("RULE_INVALID");
    for (const part of [`broken.ts:${place}`, message]) expect(value.error.message).toContain(part);
  }
}, 60_000);

test("a plan that would change something exits with 1, apply makes it, the history has it", async () => {
  await world.place.write(
    "changed.ts",
    (await world.place.read("rules.ts")).replace(
      '"operations":["insert"]',
      '"operations":["insert"],"condition":"id < 1000"',
    ),
  );
  const planned = await run("rules", "plan", "changed.ts");
  expect([planned.code, planned.out]).toEqual([1, expect.stringContaining("made")]);
  expect((await run("rules", "apply", "changed.ts")).out).toContain("The rules are at version 2.");
  const { value } = await json("rules", "history", "made");
  expect(
    value.history.map(({ version, changedBy }: { version: number; changedBy: string }) => [version, changedBy]),
  ).toEqual([
    [1, "command line"],
    [2, "command line"],
  ]);
  expect(await run("rules", "history", "none")).toMatchObject({ code: 1 });
  expect((await json("rules", "list")).value).toMatchObject({ version: 2, rules: [{ name: "made", version: 2 }] });
  await world.place.write("empty.ts", "export const rules = [];\n");
  expect(await run("rules", "plan", "empty.ts", "--keep-others")).toMatchObject({ code: 0 });
  expect(await run("rules", "plan", "empty.ts")).toMatchObject({ code: 1 });
  await world.place.write("wrong.ts", 'export const rules = [{ name: "x", entity: "Citty" }];\n');
  const wrong = await json("rules", "apply", "wrong.ts");
  expect([wrong.code, wrong.value.error.code]).toEqual([2, "RULE_INVALID"]);
  const missing = await json("rules", "apply", "nosuch.ts");
  expect([missing.code, missing.value.error.message]).toEqual([
    2,
    "There is no file nosuch.ts; `fraiseql rules pull nosuch.ts` writes one from the rules that are live.",
  ]);
  // One that is good does not come in beside one that is not, and none is removed.
  const text = await world.place.read("rules.ts");
  const two = text.replace("[{", '[{ name: "x", entity: "Citty" }, {').replace('"name":"made"', '"name":"another"');
  await world.place.write("half.ts", two);
  expect((await json("rules", "apply", "half.ts")).value.error.code).toBe("RULE_INVALID");
  expect((await json("rules", "list")).value).toMatchObject({ version: 2, rules: [{ name: "made", version: 2 }] });
}, 60_000);

test("a rule about a column that events.columns leaves out is refused, with the setting that would let it in", async () => {
  await world.place.write("narrow.toml", '[events]\ncolumns = ["public.city.id"]\n');
  await world.place.write("named.ts", (await world.place.read("changed.ts")).replace("id < 1000", "name = 'x'"));
  expect(await run("rules", "plan", "named.ts")).toMatchObject({ code: 1 });
  const refused = await json("rules", "apply", "named.ts", "--config", "narrow.toml");
  expect([refused.code, refused.value.error.code]).toEqual([2, "RULE_INVALID"]);
  expect(refused.value.error.message).toContain("events.columns would have to list public.city.name");
  expect((await json("rules", "list")).value.version).toBe(2);
}, 60_000);

test("a rule is tested on what happened, and taken from the file that is named or from nowhere", async () => {
  await world.sql("insert into city values (1, 'a'), (2000, 'b')");
  const tested = await json("rules", "test", "made");
  expect(tested).toMatchObject({ code: 0, value: { rule: "made", events: 2, matched: 1 } });
  expect((await run("rules", "test", "made")).out).toContain("no: id < 1000 is false: id is 2000");
  expect((await json("rules", "test", "made", "rules.ts")).value).toMatchObject({ matched: 2 });
  const missing = await json("rules", "test", "made", "empty.ts");
  expect([missing.code, missing.value.error.code]).toEqual([2, "NOT_FOUND"]);
  expect((await run("rules", "test", "made", "--last", "0")).code).toBe(2);
}, 60_000);

test("a dead letter is listed, shown with its attempts, replayed and delivered under the same id", async () => {
  world.receiver.answer = (_, response) => response.writeHead(400).end("no");
  await worked();
  const { value } = await json("dead-letters", "list");
  const [{ id }] = value.deliveries;
  expect(value.deliveries).toMatchObject([
    { state: "discarded", attempts: 1, ruleName: "made", actionKind: "webhook" },
  ]);
  expect((await run("dead-letters", "show", id)).out).toContain("400");
  expect((await run("jobs", "list")).out).toMatch(
    / discarded {2}webhook {2}1 attempt {2}The receiver answered with status 400\.$/m,
  );
  expect((await json("jobs", "list", "--state", "done")).value).toEqual({ deliveries: [] });
  expect(await run("dead-letters", "replay")).toMatchObject({ code: 2 });
  expect((await json("dead-letters", "replay", "--rule", "none")).value).toEqual({ replayed: [] });
  expect((await json("dead-letters", "replay", id)).value).toEqual({ replayed: [id] });
  world.receiver.answer = (_, response) => response.end("ok");
  await worked();
  const shown = await json("jobs", "show", id);
  expect(shown.value).toMatchObject({
    delivery: { state: "done", attempts: 2 },
    attempts: [{ outcome: "permanent" }, { outcome: "done" }],
  });
  // The list says what is wrong now; what was is with the attempts.
  expect((await run("jobs", "list", "--state", "done")).out).toMatch(/ done {2}webhook {2}2 attempts$/m);
  expect(new Set(world.receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(await json("jobs", "show", "none")).toMatchObject({ code: 1, value: { error: { code: "NOT_FOUND" } } });
  expect(await json("events", "show", "none:1")).toMatchObject({ code: 1, value: { error: { code: "NOT_FOUND" } } });
  const { out } = await run("events", "show", shown.value.delivery.eventId);
  expect(out).toContain("made@2  matched");
}, 60_000);

test("a replayed event is shown with what the rules said each time, by the id of the event and by that of a replay", async () => {
  const { value } = await json("rules", "list");
  const definition = { ...value.rules[0].definition, condition: "id < 1" };
  await world.place.write("stricter.ts", `export const rules = ${JSON.stringify([definition])};\n`);
  expect(await run("rules", "apply", "stricter.ts")).toMatchObject({ code: 0 });
  const { value: listed } = await json("jobs", "list");
  const [{ eventId }] = listed.deliveries;
  expect((await run("events", "replay", eventId)).code).toBe(0);
  // What was not decided is not told as if it had been.
  expect((await run("events", "show", eventId)).out).toMatch(
    /^replay 1 {2}not decided\n {2}made@3 {2}would not match: id < 1 is false: id is 1$/m,
  );
  await worked();
  expect(await run("rules", "apply", "changed.ts")).toMatchObject({ code: 0 });
  expect((await run("events", "replay", eventId)).code).toBe(0);
  await worked();
  for (const id of [eventId, `${eventId}:replay:2`]) {
    const { out } = await run("events", "show", id);
    const lines = out.slice(out.indexOf("\nrules  ") + 1).split("\n");
    expect(lines.filter((line) => !/^ .*webhook/.test(line)).map((line) => line.replace(/ at \S+/, ""))).toEqual([
      "rules  decided by version 2",
      "  made@2  matched",
      "replay 1  decided by version 3",
      "  made@3  no: id < 1 is false: id is 1",
      "replay 2  decided by version 4",
      "  made@4  matched",
      "",
    ]);
    expect(lines.filter((line) => /webhook {2}done/.test(line))).toHaveLength(2);
  }
}, 90_000);

test("the queue is counted and rebuilt, jobs are cancelled and dead letters discarded", async () => {
  await world.sql("insert into city values (3, 'c')");
  const dispatching = await world.start("--only", "relay,dispatcher");
  await until(async () => (await json("queue", "counts")).value.available === 1);
  await dispatching.kill("SIGTERM");
  expect(await json("queue", "rebuild")).toEqual({ code: 0, value: { enqueued: 0 } });
  expect((await run("queue", "rebuild", "--clear")).out).toBe("1 jobs put into the queue\n");
  expect((await json("queue", "counts")).value).toMatchObject({ available: 1, completed: 0 });
  await world.sql("update fraiseql.deliveries set due_at = now() + interval '1 hour' where state = 'open'");
  expect((await run("jobs", "list", "--state", "open")).out).toMatch(
    / open {2}webhook {2}0 attempts {2}again at \S+Z$/m,
  );
  await world.sql("update fraiseql.deliveries set due_at = now() where state = 'open'");
  expect((await run("jobs", "list", "--state", "open")).out).toMatch(/ open {2}webhook {2}0 attempts$/m);
  for (const forLists of [
    ["--state", "done"],
    ["--after", "none"],
  ]) {
    const refused = await json("jobs", "cancel", "--all", ...forLists);
    expect([refused.code, refused.value.error.code]).toEqual([2, "REQUEST_ERROR"]);
  }
  const { value } = await json("jobs", "cancel", "--all");
  expect(value.cancelled).toHaveLength(1);
  expect((await json("queue", "counts")).value).toMatchObject({ available: 0, cancelled: 1 });
  expect((await json("dead-letters", "discard", "--all")).value).toEqual({ discarded: [] });
  expect(await json("jobs", "list", "--state", "broken")).toMatchObject({
    code: 2,
    value: { error: { code: "REQUEST_ERROR" } },
  });
}, 60_000);

test("a list that is full says where the next one begins, to the last delivery", async () => {
  const { value: all } = await json("jobs", "list");
  const ids = all.deliveries.map(({ id }: { id: string }) => id);
  expect([ids.length > 2, all.next]).toEqual([true, undefined]);
  const [first, rest] = [await json("jobs", "list", "--limit", "2"), ["--limit", "1000"]];
  expect([first.value.deliveries.map(({ id }: { id: string }) => id), first.value.next]).toEqual([
    ids.slice(0, 2),
    ids[1],
  ]);
  const following = await json("jobs", "list", ...rest, "--after", ids[1]);
  expect(following.value.deliveries.map(({ id }: { id: string }) => id)).toEqual(ids.slice(2));
  expect((await run("jobs", "list", "--limit", "2")).err).toBe(
    `These are 2; older ones, if there are: --after ${ids[1]}\n`,
  );
  expect(await run("jobs", "list", ...rest, "--after", ids.at(-1))).toMatchObject({ code: 0, out: "none\n", err: "" });
  const beyond = await run("jobs", "list", "--limit", "1001");
  expect([beyond.code, beyond.err]).toEqual([2, expect.stringContaining("a whole number from 1 to 1000")]);
}, 60_000);

test("a transaction that is left open is named by status, with its age, its process and what it did last", async () => {
  const sql = postgres(world.database.url, { max: 1 });
  const open = await sql.reserve();
  await open`begin`;
  await open`insert into city values (50, 'open')`;
  const [self] = await open<{ pid: number }[]>`select pg_backend_pid() as pid`;
  await world.sql("insert into city values (51, 'waits')");
  // What is held back does not stand in for what is published.
  const published = await run("events", "tail", "--once", "--last", "1");
  expect(published.out).toMatch(/^\S+ {2}\S+ {2}insert public\.city \[3\] /);
  const { out } = await run("status");
  expect(out).toMatch(
    new RegExp(
      `^outbox .* · waiting 1 · .* · oldestWriter: pid ${self?.pid}, since \\d{4}-\\S+Z, ageMs \\d+, query select pg_backend_pid\\(\\) as pid$`,
      "m",
    ),
  );
  await open`rollback`;
  open.release();
  await sql.end();
  await worked();
  await until(async () => !(await run("status")).out.includes("oldestWriter"));
}, 60_000);

test("status and breakers are told, and a database that is away is exit code 1", async () => {
  expect(await json("status")).toMatchObject({ code: 0, value: { ready: true, rules: { version: 4 } } });
  expect(await json("breakers")).toEqual({ code: 0, value: { breakers: [] } });
  expect((await run("breakers")).out).toBe("none\n");
  await world.place.write(
    "away.toml",
    '[database]\nownerUrl = "postgres://me@127.0.0.1:1/none"\nconnectTimeoutMs = 100\n',
  );
  const away = await json("status", "--config", "away.toml");
  expect([away.code, away.value.ready]).toEqual([1, false]);
  expect(away.value.rules.unavailable).toMatch(/^The database is not reachable; try again shortly: .*ECONNREFUSED/);
  expect((await run("queue", "count")).code).toBe(2);
}, 60_000);
