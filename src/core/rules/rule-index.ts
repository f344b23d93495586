/** All live rules by table, operation and org. A value: a change of rules makes another index, which shares what stays. */
import type { ChangeEvent, ChangeOperation } from "../events/change-event.ts";
import type { Rule } from "./rule.ts";
import { type LiveRule, matchBucket, type RuleBucket, ruleBucket, type SharedReaders } from "./rule-bucket.ts";
import { ruleInput } from "./rule-input.ts";

type OrgBuckets = { readonly ofAll: RuleBucket | undefined; readonly ofOrg: ReadonlyMap<string, RuleBucket> };
type TableRules = Readonly<Record<ChangeOperation, OrgBuckets>>;

export type RuleIndex = {
  /** Of the set of rules it was made from. */
  readonly version: number;
  readonly rules: ReadonlyMap<string, LiveRule>;
  readonly tables: ReadonlyMap<string, TableRules>;
};

const NOTHING: OrgBuckets = { ofAll: undefined, ofOrg: new Map() };
const NO_RULES: TableRules = { insert: NOTHING, update: NOTHING, delete: NOTHING, truncate: NOTHING };

/** An index of all rules of one version. */
export function createRuleIndex(rules: readonly LiveRule[], version: number): RuleIndex {
  return changeRuleIndex({ version, rules: new Map(), tables: new Map() }, { put: rules, remove: [] }, version);
}

/** Builds again only the buckets whose rules changed. */
export function changeRuleIndex(
  index: RuleIndex,
  change: { readonly put: readonly LiveRule[]; readonly remove: readonly string[] },
  version: number,
): RuleIndex {
  const rules = new Map(index.rules);
  for (const name of change.remove) rules.delete(name);
  for (const live of change.put) rules.set(live.rule.name, live);
  const before = [...change.remove, ...change.put.map(({ rule }) => rule.name)].flatMap(
    (name) => index.rules.get(name) ?? [],
  );
  const touched = new Map<string, Members>();
  for (const { rule } of [...before, ...change.put]) {
    const { table } = rule.entity;
    for (const operation of rule.operations)
      touched.set(bucketKey(rule, operation), { table, operation, org: rule.org, live: [] });
  }
  for (const live of rules.values()) {
    if (!live.rule.enabled) continue;
    for (const operation of live.rule.operations) touched.get(bucketKey(live.rule, operation))?.live.push(live);
  }
  return { version, rules, tables: withBuckets(index.tables, [...touched.values()]) };
}

/** The rules of one bucket. */
type Members = {
  readonly table: string;
  readonly operation: ChangeOperation;
  readonly org: string | null;
  readonly live: LiveRule[];
};

/** The length says where the table ends: any character may stand in a name. */
function bucketKey({ entity: { table }, org }: Rule, operation: ChangeOperation): string {
  return `${operation} ${table.length} ${table}${org === null ? "" : `=${org}`}`;
}

function withBuckets(before: RuleIndex["tables"], touched: readonly Members[]): RuleIndex["tables"] {
  const tables = new Map(before);
  const readers: SharedReaders = new Map();
  /** Maps made here, which may be written to. */
  const fresh = new Set<unknown>();
  for (const { table, operation, org, live } of touched) {
    const ofTable = tables.get(table) ?? NO_RULES;
    const bucket = live.length > 0 ? ruleBucket(live, operation, readers) : undefined;
    let { ofAll, ofOrg } = ofTable[operation];
    if (org === null) ofAll = bucket;
    else ofOrg = withOrg(ofOrg, org, bucket, fresh);
    tables.set(table, { ...ofTable, [operation]: { ofAll, ofOrg } });
  }
  return tables;
}

function withOrg(
  before: OrgBuckets["ofOrg"],
  org: string,
  bucket: RuleBucket | undefined,
  fresh: Set<unknown>,
): OrgBuckets["ofOrg"] {
  const ofOrg = fresh.has(before) ? (before as Map<string, RuleBucket>) : new Map(before);
  fresh.add(ofOrg);
  if (bucket === undefined) ofOrg.delete(org);
  else ofOrg.set(org, bucket);
  return ofOrg;
}

/**
 * The rules that match, those of the highest priority first, equal ones by name.
 *
 * @param now see `ruleInput`.
 */
export function matchEvent(index: RuleIndex, event: ChangeEvent, now: string): readonly LiveRule[] {
  const buckets = index.tables.get(event.table)?.[event.operation];
  if (buckets === undefined) return [];
  const ofOrg = event.org === null ? undefined : buckets.ofOrg.get(event.org);
  if (ofOrg === undefined && buckets.ofAll === undefined) return [];
  const input = ruleInput(event, now);
  const matches: LiveRule[] = [];
  if (buckets.ofAll !== undefined) matchBucket(buckets.ofAll, input, matches);
  if (ofOrg !== undefined) matchBucket(ofOrg, input, matches);
  return matches.length > 1 ? matches.sort(inOrder) : matches;
}

function inOrder({ rule: a }: LiveRule, { rule: b }: LiveRule): number {
  return b.priority - a.priority || (a.name < b.name ? -1 : 1);
}

/** Every rule for the table of an event, whether or not it is for this operation or org. */
export function rulesOfTable(index: RuleIndex, table: string): readonly LiveRule[] {
  return [...index.rules.values()].filter(({ rule }) => rule.entity.table === table).sort(inOrder);
}
