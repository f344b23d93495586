/**
 * `bun run chaos [--quick] [--row NAME|NUMBER ...] [--half events|jobs] [--seed N]`: what becomes of committed changes and of what was
 * decided of them when parts of the way are killed, cut off, frozen, filled or thrown back, in a table and in `bar` lines.
 * Ends with 1 where something was lost, inverted, or done twice where that was not promised, or where a fault did not come about.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { type Bar, barLine, short } from "../../bench/support/bars.ts";
import type { ChaosRow } from "./chaos-row.ts";
import type { Outcome } from "./outcome.ts";
import { EVENTS, JOBS } from "./rows.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    row: { type: "string", multiple: true },
    half: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
const isQuick = values.quick;
const halves = [...(values.half === "jobs" ? [] : EVENTS), ...(values.half === "events" ? [] : JOBS)];
const isAsked = ({ name, number }: ChaosRow, asked: string) => asked === name || asked === number;
const unknown = values.row?.find((asked) => !halves.some((row) => isAsked(row, asked)));
if (unknown !== undefined) {
  process.stderr.write(
    `There is no row ${unknown}: ${halves.map(({ name, number }) => `${number} ${name}`).join(", ")}\n`,
  );
  process.exit(2);
}
process.stdout.write(`seed ${seed}\n\n`);
process.stdout.write(
  "| # | load | fault | acknowledged | lost | duplicated | inverted | recovery max | happened | verdict |\n",
);
process.stdout.write("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- | --- |\n");

const bars: string[] = [];
for (const row of halves.filter((each) => values.row?.some((asked) => isAsked(each, asked)) ?? true)) {
  const outcome = await row.run({ seed, isQuick });
  process.stdout.write(`${line(row, outcome)}\n`);
  const bar = (measure: string, value: number, target: Bar["target"]) =>
    bars.push(barLine({ name: `chaos-${row.name}-${measure}`, value, target }));
  bar("lost", outcome.lost, { atMost: 0 });
  if (outcome.inverted !== undefined) bar("inverted", outcome.inverted, { atMost: 0 });
  const { duplicatesPromised } = outcome;
  if (duplicatesPromised !== undefined) bar("duplicated", outcome.duplicated, { atMost: duplicatesPromised });
  bar("broken", outcome.broken.length, { atMost: 0 });
  const { had, wanted } = faultsOf(row, outcome);
  bar("faults", had, { atLeast: wanted });
}
process.stdout.write(`\n${bars.join("\n")}\n`);
process.exit(bars.every((bar) => bar.endsWith(" ok")) ? 0 : 1);

/** How much of what has to happen did: what happened more often than that makes up for nothing else. */
function faultsOf(row: ChaosRow, { happened }: Outcome) {
  const wanted = Object.entries(row.happens(isQuick));
  return {
    had: wanted.reduce((sum, [what, times]) => sum + Math.min(times, happened[what] ?? 0), 0),
    wanted: wanted.reduce((sum, [, times]) => sum + times, 0),
  };
}

function line(row: ChaosRow, outcome: Outcome): string {
  const { acknowledged, lost, duplicated, duplicatesPromised, inverted, recoveryMsMax, broken, notDone } = outcome;
  const recovery = recoveryMsMax === 0 ? "–" : `${short(recoveryMsMax / 1_000)} s`;
  const holds = lost === 0 && !inverted && broken.length === 0 && duplicated <= (duplicatesPromised ?? duplicated);
  const { had, wanted } = faultsOf(row, outcome);
  const proven = had < wanted ? "SHORT: it proves nothing" : "holds";
  const done = holds ? proven : ["BROKEN", ...broken].join("; ");
  const verdict = notDone === undefined ? done : `NOT DONE, it proves nothing: ${notDone}`;
  const again = duplicatesPromised === undefined ? duplicated : `${duplicated} of ${duplicatesPromised} allowed`;
  const cells = [
    row.number,
    row.load,
    row.fault(isQuick),
    acknowledged,
    lost,
    again,
    inverted ?? "–",
    recovery,
    Object.entries(outcome.happened)
      .map(([what, times]) => `${what} ${times}`)
      .join(", "),
    verdict,
  ];
  return `| ${cells.join(" | ")} |`;
}
