import { afterAll, beforeAll, expect, test } from "bun:test";
import { openRuleStore } from "../../../../src/adapters/postgres/rules/rule-store.ts";
import type { RuleStore } from "../../../../src/ports/rule-store.ts";
import { type MigratedDatabase, migratedDatabase } from "../../../support/migrated.ts";

let database: MigratedDatabase;
let store: RuleStore;
beforeAll(async () => {
  database = await migratedDatabase("rule_store");
  store = openRuleStore(database.sql);
});
afterAll(() => database.drop());

const rule = (name: string, priority = 0) => ({ name, definition: { name, priority } });

test("each change makes a new set, every version of a rule is kept, and an old set can be read", async () => {
  expect(await store.current()).toEqual({ version: 0, rules: [] });
  await store.apply({ expected: 0, put: [rule("a"), rule("b")], remove: [], by: "ada" });
  await store.apply({ expected: 1, put: [rule("a", 5)], remove: ["b"], by: "bob" });
  expect(await store.current()).toEqual({
    version: 2,
    rules: [{ name: "a", version: 2, definition: { name: "a", priority: 5 } }],
  });
  expect((await store.at(1)).rules.map(({ name, version }) => `${name}@${version}`)).toEqual(["a@1", "b@1"]);
  const history = await store.history("a");
  expect(history.map(({ version, since, until, changedBy }) => [version, since, until, changedBy])).toEqual([
    [1, 1, 2, "ada"],
    [2, 2, undefined, "bob"],
  ]);
  expect(history[0]?.changedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});

test("a rule that was removed and comes back goes on counting its versions", async () => {
  const { version } = await store.current();
  await store.apply({ expected: version, put: [rule("b", 1)], remove: [], by: "ada" });
  expect((await store.current()).rules.find(({ name }) => name === "b")?.version).toBe(2);
});

test("of two changes made from the same set one is refused whole", async () => {
  const { version, rules } = await store.current();
  const changes = [rule("c"), rule("d")].map((put) =>
    store.apply({ expected: version, put: [put], remove: [], by: "ada" }).then(
      () => "done",
      (error) => error.code,
    ),
  );
  expect((await Promise.all(changes)).toSorted()).toEqual(["RULES_CHANGED", "done"]);
  expect((await store.current()).rules).toHaveLength(rules.length + 1);
});

test("a change of which one part cannot be stored changes nothing", async () => {
  const before = await store.current();
  const unstorable = { name: "z", definition: { name: "z", note: "\u0000" } };
  const change = { expected: before.version, put: [rule("a", 9), unstorable], remove: ["c", "d"], by: "ada" };
  expect(await store.apply(change).catch((error) => error.code)).toBeString();
  expect(await store.current()).toEqual(before);
  expect((await store.history("a")).at(-1)).not.toHaveProperty("until");
  const [audited] = await database.sql`select count(*)::int as count from fraiseql.audit where resource = 'rule:z'`;
  expect(audited).toEqual({ count: 0 });
});

test("who changed what is in the audit", async () => {
  const entries = await database.sql`select actor, action, resource from fraiseql.audit order by id limit 4`;
  expect(entries.map(({ actor, action, resource }) => [actor, action, resource])).toEqual([
    ["ada", "rule.put", "rule:a"],
    ["ada", "rule.put", "rule:b"],
    ["bob", "rule.put", "rule:a"],
    ["bob", "rule.remove", "rule:b"],
  ]);
});
