/** The rules for one operation on one table by one org, laid out so that few of them are looked at for a change. */
import type { ChangeOperation } from "../events/change-event.ts";
import { type Access, type AccessKey, accessesOf, type EqualAccess, nearestDouble } from "./access.ts";
import { compileDistinct } from "./conditions/compile-changed.ts";
import type { CompiledCondition } from "./conditions/compile-comparison.ts";
import { compileCondition } from "./conditions/compile-condition.ts";
import { compileValue, keyOf, type Read } from "./conditions/compile-value.ts";
import type { Path } from "./conditions/condition.ts";
import type { Numeric } from "./conditions/decimal.ts";
import { printPath } from "./conditions/print-condition.ts";
import type { Reading } from "./conditions/value-class.ts";
import type { Entity } from "./entities.ts";
import { type Interval, type IntervalTree, intervalTree, visitIntervals } from "./interval-tree.ts";
import type { Rule } from "./rule.ts";
import type { RuleInput } from "./rule-input.ts";

/** A rule as it holds at one version. */
export type LiveRule = { readonly rule: Rule; readonly version: number };

/** Compiled when it is first asked: most rules of most orgs wait long for an event. */
type Entry = { readonly live: LiveRule; test: CompiledCondition | undefined };

/** Readers of values by what they read. Buckets share them, for a reader in use is in the processor's cache. */
export type SharedReaders = Map<string, Read<AccessKey>>;

export type RuleBucket = {
  readonly rules: readonly LiveRule[];
  /** By a value the row has to have. */
  readonly equal: readonly {
    readonly key: Read<AccessKey>;
    readonly entries: ReadonlyMap<AccessKey, readonly Entry[]>;
  }[];
  /** By bounds of a number. */
  readonly ranges: readonly { readonly number: Read<number>; readonly entries: IntervalTree<Entry> }[];
  /** By a field that has to have changed. */
  readonly changed: readonly {
    readonly isChanged: (input: RuleInput) => boolean;
    readonly entries: readonly Entry[];
  }[];
  /** What is asked for every change. */
  readonly rest: readonly Entry[];
};

/** @param rules of the same entity, not empty. */
export function ruleBucket(rules: readonly LiveRule[], operation: ChangeOperation, readers: SharedReaders): RuleBucket {
  const candidates = rules.map((live) => ({
    entry: { live, test: undefined },
    accesses: accessesOf(live.rule.condition, operation, live.rule.entity),
  }));
  const counts = countKeys(candidates);
  const groups = new Map<
    string,
    { readonly access: Access; readonly entries: { readonly access: Access; readonly entry: Entry }[] }
  >();
  const rest: Entry[] = [];
  for (const { entry, accesses } of candidates) {
    const access = bestAccess(accesses, counts);
    if (access === undefined) {
      rest.push(entry);
      continue;
    }
    const id = `${access.kind} ${access.id}`;
    const group = groups.get(id) ?? { access, entries: [] };
    groups.set(id, group);
    group.entries.push({ access, entry });
  }
  return { rules, ...laidOut([...groups.values()], rules[0]?.rule.entity as Entity, readers), rest };
}

type Group = {
  readonly access: Access;
  readonly entries: readonly { readonly access: Access; readonly entry: Entry }[];
};

function laidOut(
  groups: readonly Group[],
  entity: Entity,
  readers: SharedReaders,
): Pick<RuleBucket, "equal" | "ranges" | "changed"> {
  return {
    equal: groups.flatMap(({ access, entries }) =>
      access.kind === "equal"
        ? [{ key: reader(access.path, access.reading, entity, readers), entries: byKey(entries) }]
        : [],
    ),
    ranges: groups.flatMap(({ access, entries }) =>
      access.kind === "range"
        ? [
            {
              number: reader(access.path, "double", entity, readers) as Read<number>,
              entries: intervalTree(entries.flatMap(intervalOf)),
            },
          ]
        : [],
    ),
    changed: groups.flatMap(({ access, entries }) =>
      access.kind === "changed"
        ? [{ isChanged: compileDistinct(access.path, entity), entries: entries.map(({ entry }) => entry) }]
        : [],
    ),
  };
}

function reader(path: Path, reading: Reading | "double", entity: Entity, readers: SharedReaders): Read<AccessKey> {
  const id = `${entity.table} ${reading} ${printPath(path)}`;
  const known = readers.get(id);
  if (known) return known;
  const read = compileValue(path, reading === "double" ? "number" : reading, entity) as Read<
    Parameters<typeof keyOf>[0]
  >;
  const keyed = reading === "double" ? (value: Numeric) => nearestDouble(value) : keyOf;
  const made: Read<AccessKey> = (input) => {
    const value = read(input);
    return value === null ? null : (keyed as typeof keyOf)(value);
  };
  readers.set(id, made);
  return made;
}

function byKey(entries: Group["entries"]): ReadonlyMap<AccessKey, readonly Entry[]> {
  const map = new Map<AccessKey, Entry[]>();
  for (const { access, entry } of entries) {
    for (const key of access.kind === "equal" ? access.keys : []) {
      const list = map.get(key);
      if (list) list.push(entry);
      else map.set(key, [entry]);
    }
  }
  return map;
}

function intervalOf({ access, entry }: Group["entries"][number]): readonly Interval<Entry>[] {
  return access.kind === "range" ? [{ low: access.low, high: access.high, item: entry }] : [];
}

/** How many rules ask for a value of a path, and how many ask about the path. */
type KeyCounts = { readonly of: (access: EqualAccess) => number; readonly ofPath: (access: EqualAccess) => number };

function countKeys(candidates: readonly { readonly accesses: readonly Access[] }[]): KeyCounts {
  const paths = new Map<string, { total: number; readonly keys: Map<AccessKey, number> }>();
  for (const { accesses } of candidates) {
    for (const access of accesses) {
      if (access.kind !== "equal") continue;
      const path = paths.get(access.id) ?? { total: 0, keys: new Map() };
      paths.set(access.id, path);
      path.total += 1;
      for (const key of access.keys) path.keys.set(key, (path.keys.get(key) ?? 0) + 1);
    }
  }
  return {
    of: ({ id, keys }) => {
      const counts = paths.get(id)?.keys;
      let most = 0;
      for (const key of keys) most = Math.max(most, counts?.get(key) ?? 0);
      return most;
    },
    ofPath: ({ id }) => paths.get(id)?.total ?? 0,
  };
}

/** With fewer rules than this under one value, no other way in is worth it. */
const FEW = 16;

/** The way by which the fewest rules are looked at that do not match: as far as the rules themselves tell. */
function bestAccess(accesses: readonly Access[], counts: KeyCounts): Access | undefined {
  const equal = bestEqual(accesses, counts);
  if (equal !== undefined && equal.rules <= FEW) return equal.access;
  const ranges = accesses.filter((access) => access.kind === "range");
  const bounded = ranges.find(({ low, high }) => Number.isFinite(low) && Number.isFinite(high));
  return bounded ?? equal?.access ?? accesses.find(({ kind }) => kind === "changed") ?? ranges[0];
}

/** The value that the fewest rules ask for; of equal ones, that of the path which the most ask about. */
function bestEqual(accesses: readonly Access[], counts: KeyCounts) {
  let best: { readonly access: EqualAccess; readonly rules: number; readonly ofPath: number } | undefined;
  for (const access of accesses) {
    if (access.kind !== "equal") continue;
    const [rules, ofPath] = [counts.of(access), counts.ofPath(access)];
    if (best === undefined || rules < best.rules || (rules === best.rules && ofPath > best.ofPath))
      best = { access, rules, ofPath };
  }
  return best;
}

/** Adds the rules that match. */
export function matchBucket(bucket: RuleBucket, input: RuleInput, matches: LiveRule[]): void {
  const look = (entry: Entry) => {
    entry.test ??= compileCondition(entry.live.rule.condition, entry.live.rule.entity);
    if (entry.test(input) === true) matches.push(entry.live);
  };
  for (const { key, entries } of bucket.equal) {
    const value = key(input);
    const found = value === null ? undefined : entries.get(value);
    if (found !== undefined) for (const entry of found) look(entry);
  }
  for (const { number, entries } of bucket.ranges) {
    const value = number(input);
    if (value !== null) visitIntervals(entries, value, look);
  }
  for (const { isChanged, entries } of bucket.changed) if (isChanged(input)) for (const entry of entries) look(entry);
  for (const entry of bucket.rest) look(entry);
}
