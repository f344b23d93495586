import type { Contender } from "../data/data-set.ts";
import type { Bar } from "../support/bars.ts";
import { short } from "../support/bars.ts";
import { geometricMean, median } from "../support/statistics.ts";
import { type Cell, ratio, typical } from "./measure.ts";

const NAME_WIDTH = 26;
const COLUMN_WIDTH = 15;
const PEERS = ["mercurius", "postgraphile"] as const;

/** The tables of one number of connections. */
export function tables(cells: readonly Cell[], contenders: readonly Contender[]): string {
  const connections = cells[0]?.connections ?? 0;
  const head = (title: string) =>
    row(
      `${title}, ${connections} conn.`,
      cells.map((cell) => cell.operation),
    );
  const body = (text: (cell: Cell, contender: Contender) => string) =>
    contenders.map((contender) =>
      row(
        `  ${contender}`,
        cells.map((cell) => text(cell, contender)),
      ),
    );
  return [
    head("req/s"),
    ...body((cell, contender) => short(typical(cell, contender, "requestsPerSecond"))),
    head("p50 / p99 ms"),
    ...body(
      (cell, contender) => `${short(typical(cell, contender, "p50"))} / ${short(typical(cell, contender, "p99"))}`,
    ),
    head("CPU us server + pg"),
    ...body(
      (cell, contender) =>
        `${short(typical(cell, contender, "serverCpu"))} + ${short(typical(cell, contender, "postgresCpu"))}`,
    ),
    head("RSS MiB"),
    ...body((cell, contender) => typical(cell, contender, "memory").toFixed(0)),
  ].join("\n");
}

function row(name: string, columns: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + columns.map((column) => column.padStart(COLUMN_WIDTH)).join("");
}

/** How far the floor itself is from the peers: no bar over a peer can be met that the floor misses, but by passing the floor. */
export function floorRatios(cells: readonly Cell[]): string {
  const levels = [...new Set(cells.map((cell) => cell.connections))];
  const times = (connections: number, peer: "postgraphile" | "mercurius") =>
    geometricMean(
      cells
        .filter((cell) => cell.connections === connections)
        .map((cell) => ratio(cell, peer, "requestsPerSecond") / ratio(cell, "floor", "requestsPerSecond")),
    );
  return levels
    .map(
      (level) =>
        `${short(times(level, "postgraphile"))} x postgraphile, ${short(times(level, "mercurius"))} x mercurius at ${level}`,
    )
    .join("; ");
}

/** The promises of the project that these cells speak about. */
export function bars(cells: readonly Cell[]): readonly Bar[] {
  const operations = [...new Set(cells.map((cell) => cell.operation))];
  const reads = cells.filter((cell) => !cell.writes);
  const writes = [...new Set(cells.filter((cell) => cell.writes).map((cell) => cell.operation))];
  const levels = [...new Set(reads.map((cell) => cell.connections))];
  const of = (filter: Partial<Cell>) =>
    cells.filter((cell) => Object.entries(filter).every(([key, value]) => cell[key as keyof Cell] === value));
  const mean = (connections: number, contender: Contender, value: "requestsPerSecond" | "serverCpu") =>
    geometricMean(
      reads.filter((cell) => cell.connections === connections).map((cell) => ratio(cell, contender, value)),
    );
  return [
    ...operations.map(
      (operation): Bar => ({
        name: `of-floor/${operation}`,
        value: geometricMean(of({ operation }).map((cell) => ratio(cell, "floor", "requestsPerSecond"))),
        target: { atLeast: 0.9 },
      }),
    ),
    ...writes.map(
      (operation): Bar => ({
        name: `times-best-peer/${operation}`,
        value: Math.min(
          ...PEERS.map((peer) =>
            geometricMean(of({ operation }).map((cell) => ratio(cell, peer, "requestsPerSecond"))),
          ),
        ),
        target: { atLeast: 2 },
      }),
    ),
    ...levels.flatMap((connections): Bar[] => [
      {
        name: `times-postgraphile/${connections}`,
        value: mean(connections, "postgraphile", "requestsPerSecond"),
        target: { atLeast: 4 },
      },
      {
        name: `times-mercurius/${connections}`,
        value: mean(connections, "mercurius", "requestsPerSecond"),
        target: { atLeast: 2 },
      },
      {
        name: `server-cpu-of-postgraphile/${connections}`,
        value: mean(connections, "postgraphile", "serverCpu"),
        target: { atMost: 0.125 },
      },
    ]),
    ...reads
      .filter((cell) => cell.connections === Math.max(...levels))
      .map(
        (cell): Bar => ({
          name: `p99-to-p50/${cell.operation}`,
          value: median(cell.samples.fraiseql.map((sample) => sample.p99 / sample.p50)),
          target: { atMost: 3 },
        }),
      ),
  ];
}
