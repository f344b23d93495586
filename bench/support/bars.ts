/** A promise of the project and what this run measured for it. */
export type Bar = {
  readonly name: string;
  readonly value: number;
  readonly target: { readonly atLeast: number } | { readonly atMost: number };
};

/** `bar <name> <value> <target> ok|short`, the last lines of every benchmark. */
export function barLine(bar: Bar): string {
  const [sign, limit, met] =
    "atLeast" in bar.target
      ? [">=", bar.target.atLeast, bar.value >= bar.target.atLeast]
      : ["<=", bar.target.atMost, bar.value <= bar.target.atMost];
  return `bar ${bar.name} ${short(bar.value)} ${sign}${short(limit)} ${met ? "ok" : "short"}`;
}

/** Three significant digits without an exponent. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return value >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
}
