/**
 * `bun run bench:rules [--quick]`: 10,000 rules, and how many events a second find theirs: with rules as they are usually
 * spread, and with all of them in one place. Beside json-rules-engine and a CEL library, which are asked the same.
 *
 * One thread does all of it, so a CPU second is a second of a core that nobody else uses: bars are held by it.
 */
import { parseArgs } from "node:util";
import { CEL, type Contender, JSON_RULES, type Matcher, OURS } from "./rules/contenders.ts";
import { type RuleSet, unindexed, usual, worst } from "./rules/rule-sets.ts";
import { barLine, short } from "./support/bars.ts";
import { machineLine } from "./support/machine.ts";
import { median } from "./support/statistics.ts";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean" } } });
const [rounds, roundMs] = flags.quick ? [3, 500] : [9, 2_000];

type Rate = { readonly perSecond: number; readonly perCpuSecond: number };

/** Medians of rounds of equal time, after one in which the compiler of the runtime has enough to go by. */
async function rate(match: Matcher, { events }: RuleSet): Promise<Rate> {
  let at = 0;
  const round = async (ms: number, most: number, between: number): Promise<Rate> => {
    const [start, before] = [performance.now(), process.cpuUsage()];
    let done = 0;
    while (performance.now() - start < ms && done < most) {
      // The clock is asked now and then: asking it costs as much as an event.
      for (let turn = 0; turn < between; turn++) {
        const found = match(events[at++ % events.length] as (typeof events)[number]);
        if (found instanceof Promise) await found;
      }
      done += between;
    }
    const { user, system } = process.cpuUsage(before);
    return { perSecond: (done * 1_000) / (performance.now() - start), perCpuSecond: (done * 1e6) / (user + system) };
  };
  const warm = await round(roundMs * 4, 300_000, 1);
  const between = Math.max(1, Math.min(1_000, Math.floor(warm.perSecond / 100)));
  const measured: Rate[] = [];
  while (measured.length < rounds) measured.push(await round(roundMs, Number.POSITIVE_INFINITY, between));
  return {
    perSecond: median(measured.map(({ perSecond }) => perSecond)),
    perCpuSecond: median(measured.map(({ perCpuSecond }) => perCpuSecond)),
  };
}

function load(contender: Contender, set: RuleSet): { readonly match: Matcher; readonly ms: number } {
  const before = process.cpuUsage();
  const match = contender.load(set.rules);
  const { user, system } = process.cpuUsage(before);
  return { match, ms: (user + system) / 1_000 };
}

/** Contenders that find something else would prove nothing. */
async function sameAnswers(set: RuleSet, matchers: readonly Matcher[], count: number): Promise<number> {
  let found = 0;
  for (const event of set.events.slice(0, count)) {
    const [ours, ...others] = await Promise.all(matchers.map(async (match) => (await match(event)).toSorted().join()));
    if (others.some((names) => names !== ours)) throw new Error(`${set.name}: ${ours} against ${others.join(" and ")}`);
    found += ours === "" ? 0 : (ours?.split(",").length ?? 0);
  }
  return found;
}

process.stdout.write(`${machineLine()}\nversions bun ${Bun.version}\n`);
process.stdout.write(
  `set-up   10,000 rules, medians of ${rounds} rounds of ${roundMs} ms after a longer one to warm up\n\n`,
);

const loads: number[] = [];
const rates = new Map<string, Rate>();
for (const set of [usual(), worst(), unindexed()]) {
  const loaded = [OURS, CEL, JSON_RULES].map((contender) => ({ contender, ...load(contender, set) }));
  loads.push(loaded[0]?.ms ?? 0);
  const matched = await sameAnswers(
    set,
    loaded.map(({ match }) => match),
    flags.quick ? 10 : 50,
  );
  process.stdout.write(`${set.name}: ${matched} matches in the events compared\n`);
  for (const { contender, match, ms } of loaded) {
    const result = await rate(match, set);
    rates.set(`${set.name} ${contender.name}`, result);
    process.stdout.write(
      `  ${contender.name.padEnd(22)} ${short(result.perSecond).padStart(9)} events/s ${short(result.perCpuSecond).padStart(9)} per CPU second, loaded in ${short(ms)} ms of CPU\n`,
    );
  }
}

const ours = (set: string) => rates.get(`${set} ${OURS.name}`)?.perCpuSecond ?? 0;
const best = (set: string) =>
  Math.max(...[CEL, JSON_RULES].map(({ name }) => rates.get(`${set} ${name}`)?.perCpuSecond ?? 0));
process.stdout.write("\n");
for (const bar of [
  { name: "rules-usual-per-cpu-second", value: ours("usual"), target: { atLeast: 1_000_000 } },
  { name: "rules-worst-per-cpu-second", value: ours("worst"), target: { atLeast: 100_000 } },
  { name: "rules-load-cpu-ms", value: Math.max(...loads), target: { atMost: 1_000 } },
  { name: "rules-worst-to-best-peer", value: ours("worst") / best("worst"), target: { atLeast: 10 } },
  // Nothing to index by: closures against the interpreters of the others.
  { name: "rules-unindexed-to-best-peer", value: ours("unindexed") / best("unindexed"), target: { atLeast: 1 } },
]) {
  process.stdout.write(`${barLine(bar)}\n`);
}
