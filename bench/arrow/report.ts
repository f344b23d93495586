import { type Bar, short } from "../support/bars.ts";
import { median } from "../support/statistics.ts";
import type { Contender } from "./contenders.ts";
import type { Shape } from "./events.ts";
import type { Sample } from "./measure.ts";

/** All rounds of one number of rows of one shape. */
export type Cell = {
  readonly shape: Shape;
  readonly rows: number;
  readonly samples: ReadonlyMap<Contender, readonly Sample[]>;
};

export type Value = "first" | "last" | "columns" | "bytes" | "serverCpu" | "postgresCpu" | "memory";

export function typical({ samples }: Cell, contender: Contender, value: Value): number {
  return median((samples.get(contender) ?? []).map((sample) => sample[value]));
}

/** How many times as much one takes as another, the median of the rounds' own ratios. */
export function times({ samples }: Cell, more: Contender, less: Contender, value: Value): number {
  const others = samples.get(less) ?? [];
  return median(
    (samples.get(more) ?? []).map((sample, round) => sample[value] / (others[round]?.[value] ?? Number.NaN)),
  );
}

const COLUMNS = ["first ms", "last ms", "columns ms", "server CPU", "pg CPU", "RSS MiB", "MB", "MB zstd"];
const NAME_WIDTH = 12;
const WIDTH = 12;

export function table(cell: Cell): string {
  const row = (name: string, values: readonly string[]) =>
    name.padEnd(NAME_WIDTH) + values.map((value) => value.padStart(WIDTH)).join("");
  const lines = [...cell.samples].map(([contender, samples]) => {
    const of = (value: Value) => typical(cell, contender, value);
    const compressed = samples.find(({ compressedBytes }) => compressedBytes !== undefined)?.compressedBytes;
    const megabytes = (bytes: number | undefined) => (bytes === undefined ? "-" : short(bytes / 1e6));
    const server =
      contender === "floor"
        ? ["-", short(of("postgresCpu")), "-"]
        : [of("serverCpu"), of("postgresCpu"), of("memory")].map(short);
    return row(contender, [
      short(of("first")),
      short(of("last")),
      contender === "floor" ? "-" : short(of("columns")),
      ...server,
      megabytes(of("bytes")),
      megabytes(compressed),
    ]);
  });
  return [row(`${cell.rows} ${cell.shape}`.padEnd(NAME_WIDTH), COLUMNS), ...lines].join("\n");
}

/** Promises about the largest table of this run; their names say how large it was. */
export function bars(cells: readonly Cell[]): readonly Bar[] {
  const most = Math.max(...cells.map(({ rows }) => rows));
  const largest = cells.filter(({ rows }) => rows === most);
  const named = (name: string, { shape, rows }: Cell) => `${name}/${shape}/${rows}`;
  return [
    ...largest.flatMap((cell): Bar[] => [
      { name: named("of-copy-floor", cell), value: times(cell, "arrow", "floor", "last"), target: { atMost: 1.1 } },
      {
        name: named("times-yoga-to-columns", cell),
        value: times(cell, "yoga", "arrow", "columns"),
        target: { atLeast: cell.shape === "wide" ? 8 : 12 },
      },
      {
        name: named("times-less-server-cpu-than-yoga", cell),
        value: times(cell, "yoga", "arrow", "serverCpu"),
        target: { atLeast: 15 },
      },
      { name: named("rss-of-yoga", cell), value: times(cell, "arrow", "yoga", "memory"), target: { atMost: 0.125 } },
      {
        name: named("times-own-streamed-json", cell),
        value: times(cell, "ndjson", "arrow", "last"),
        target: { atLeast: 2.5 },
      },
      {
        name: named("cached-times-yoga-to-columns", cell),
        value: times(cell, "yoga", "cached", "columns"),
        target: { atLeast: 40 },
      },
      { name: named("first-byte-ms", cell), value: typical(cell, "arrow", "first"), target: { atMost: 15 } },
    ]),
    ...cells
      .filter(({ samples }) => samples.has("json"))
      .map(
        (cell): Bar => ({
          name: named("of-own-json-to-columns", cell),
          value: times(cell, "arrow", "json", "columns"),
          target: { atMost: 1 },
        }),
      ),
  ];
}
