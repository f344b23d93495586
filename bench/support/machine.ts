import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, release, totalmem } from "node:os";

/** One line about the machine: times mean nothing without it. */
export function machineLine(): string {
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  return `machine  ${availableParallelism()} cores ${cpus()[0]?.model ?? "?"} ${arch()}, ${gib} GiB, Linux ${release()}, load ${loadAverage()}`;
}

function loadAverage(): string {
  return readFileSync("/proc/loadavg", "utf8").split(" ", 1)[0] ?? "?";
}
