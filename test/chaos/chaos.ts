/**
 * `bun run chaos:events [--quick] [--row NAME ...] [--seed N]`: what becomes of committed changes when parts of the way are
 * killed, cut off, frozen or thrown back, in a table and in `bar` lines. Ends with 1 where something was lost or inverted.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { barLine, short } from "../../bench/support/bars.ts";
import type { ChaosRow } from "./chaos-row.ts";
import type { FlowOutcome } from "./flow.ts";
import { connectionsCut } from "./rows/connections-cut.ts";
import { connectionsFrozen } from "./rows/connections-frozen.ts";
import { longWriters } from "./rows/long-writers.ts";
import { natsKilled } from "./rows/nats-killed.ts";
import { natsRolledBack } from "./rows/nats-rolled-back.ts";
import { postgresKilled } from "./rows/postgres-killed.ts";
import { relayKilled } from "./rows/relay-killed.ts";
import { streamDeleted } from "./rows/stream-deleted.ts";

const ROWS: readonly ChaosRow[] = [
  relayKilled,
  longWriters,
  postgresKilled,
  natsKilled,
  natsRolledBack,
  streamDeleted,
  connectionsCut,
  connectionsFrozen,
];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    row: { type: "string", multiple: true },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
const isQuick = values.quick;
process.stdout.write(`seed ${seed}\n\n`);
process.stdout.write("| # | load | fault | acknowledged | lost | duplicated | inverted | recovery max | verdict |\n");
process.stdout.write("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |\n");

const bars: string[] = [];
for (const row of ROWS.filter(({ name }) => values.row === undefined || values.row.includes(name))) {
  const outcome = await row.run({ seed, isQuick });
  process.stdout.write(`${line(row, outcome)}\n`);
  for (const measure of ["lost", "inverted"] as const) {
    bars.push(barLine({ name: `chaos-${row.name}-${measure}`, value: outcome[measure], target: { atMost: 0 } }));
  }
}
process.stdout.write(`\n${bars.join("\n")}\n`);
process.exit(bars.every((bar) => bar.endsWith(" ok")) ? 0 : 1);

function line(row: ChaosRow, { acknowledged, lost, duplicated, inverted, recoveryMsMax }: FlowOutcome): string {
  const recovery = recoveryMsMax === 0 ? "–" : `${short(recoveryMsMax / 1_000)} s`;
  const verdict = lost === 0 && inverted === 0 ? "holds" : "BROKEN";
  const cells = [row.number, row.load, row.fault(isQuick), acknowledged, lost, duplicated, inverted, recovery, verdict];
  return `| ${cells.join(" | ")} |`;
}
