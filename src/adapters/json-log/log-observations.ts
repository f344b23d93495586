import { withCauses } from "../../core/error-causes.ts";
import type { Observation, Observe } from "../../core/observation.ts";

/** What comes many times a second in a sound system is for metrics, not for the log. */
const FREQUENT: ReadonlySet<Observation["kind"]> = new Set(["events-published", "event-decided"]);
const MESSAGE_MAX = 2_000;

/** One line of JSON per observation: `time`, `level`, `kind`, and its facts. `write` gets it without the line end. */
export function logObservations(write: (line: string) => void, now: () => number): Observe {
  return (observation) => {
    if (FREQUENT.has(observation.kind)) return;
    const { kind, ...facts } = observation;
    const time = new Date(now()).toISOString();
    write(JSON.stringify({ time, level: levelOf(observation), kind, ...facts }, told));
  };
}

function levelOf(observation: Observation): "info" | "warn" | "error" {
  switch (observation.kind) {
    case "part-failed":
    case "bus-refilled":
    case "rule-broken":
      return "error";
    case "relay-held":
    case "lease-lost":
    case "event-refused":
    case "job-discarded":
      return "warn";
    case "attempt-ended":
      return observation.outcome === "done" ? "info" : "warn";
    default:
      return "info";
  }
}

/** An error as its text and what is behind it, but never its properties: those of a driver may hold a password. */
function told(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const code = "code" in value && typeof value.code === "string" ? `${value.code} ` : "";
  return `${code}${withCauses(value)}`.slice(0, MESSAGE_MAX);
}
