import type { Sql, TransactionSql } from "postgres";
import { FraiseqlError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/events/json.ts";
import type { RuleChange, RuleSet, RuleStore, RuleVersion } from "../../../ports/rule-store.ts";
import { asked } from "../worker/worker-sql.ts";

type VersionRow = {
  name: string;
  version: number;
  definition: JsonObject;
  since: string;
  until: string | null;
  changed_at: string;
  changed_by: string;
};

/** Rules and their history in PostgreSQL. */
export function openRuleStore(sql: Sql): RuleStore {
  const version = async (from: Sql | TransactionSql = sql) => {
    const [row] = await from<{ version: string }[]>`select version from fraiseql.rule_set`;
    return Number(row?.version ?? 0);
  };
  const at = async (wanted: number, from: Sql | TransactionSql = sql): Promise<RuleSet> => {
    const rules = await from<VersionRow[]>`
      select name, version, definition from fraiseql.rule_versions
      where since <= ${wanted} and (until is null or until > ${wanted}) order by name`;
    return { version: wanted, rules: rules.map(({ name, version, definition }) => ({ name, version, definition })) };
  };
  return {
    version: () => asked(() => version()),
    at: (wanted) => asked(() => at(wanted)),
    // One snapshot: a change between the two statements would give a set that never was.
    current: () =>
      asked(() => sql.begin("isolation level repeatable read read only", async (tx) => at(await version(tx), tx))),
    history: (name) =>
      asked(async () => {
        const rows = await sql<VersionRow[]>`
          select name, version, definition, since, until, changed_by,
                 to_char(changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as changed_at
          from fraiseql.rule_versions where name = ${name} order by version`;
        return rows.map(ruleVersion);
      }),
    apply: (change) => asked(() => sql.begin((tx) => applyChange(tx, change, at))),
  };
}

async function applyChange(
  tx: TransactionSql,
  { expected, put, remove, by }: RuleChange,
  at: (version: number, tx: TransactionSql) => Promise<RuleSet>,
): Promise<RuleSet> {
  const [row] = await tx<{ version: string }[]>`select version from fraiseql.rule_set for update`;
  const now = Number(row?.version ?? 0);
  if (now !== expected) {
    const message = `The rules are at version ${now}, not at ${expected}: somebody else changed them. Read them again and make the change on top.`;
    throw new FraiseqlError("RULES_CHANGED", message, { details: { version: now } });
  }
  if (put.length === 0 && remove.length === 0) return at(now, tx);
  const next = now + 1;
  await tx`update fraiseql.rule_set set version = ${next}`;
  const names = [...put.map(({ name }) => name), ...remove];
  await tx`update fraiseql.rule_versions set until = ${next} where until is null and name = any(${names})`;
  for (const { name, definition } of put) {
    await tx`
      insert into fraiseql.rule_versions (name, version, definition, since, changed_by)
      select ${name}, coalesce(max(version), 0) + 1, ${tx.json(definition as never)}, ${next}, ${by}
      from fraiseql.rule_versions where name = ${name}`;
  }
  const entries = [...put.map(({ name }) => ["put", name]), ...remove.map((name) => ["remove", name])];
  for (const [action, name] of entries) {
    await tx`
      insert into fraiseql.audit (actor, action, resource, details)
      values (${by}, ${`rule.${action}`}, ${`rule:${name}`}, ${tx.json({ rulesVersion: next })})`;
  }
  return at(next, tx);
}

function ruleVersion(row: VersionRow): RuleVersion {
  return {
    name: row.name,
    version: row.version,
    definition: row.definition,
    since: Number(row.since),
    ...(row.until === null ? {} : { until: Number(row.until) }),
    changedAt: row.changed_at,
    changedBy: row.changed_by,
  };
}
