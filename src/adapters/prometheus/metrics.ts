import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Observation, Observe } from "../../core/observation.ts";

/** What is measured when somebody looks, not when something happens. */
export type Gauges = {
  /** Events per shard that are on the bus and not decided. */
  readonly pending: readonly number[] | undefined;
  /** Rows of the outbox that are not on the bus. */
  readonly unpublished: number | undefined;
  readonly jobs: Readonly<Record<string, number>> | undefined;
  readonly deadLetters: number | undefined;
};

export type Metrics = {
  readonly observe: Observe;
  /** The text that Prometheus reads. https://prometheus.io/docs/instrumenting/exposition_formats/ */
  text(gauges: Gauges): Promise<string>;
  readonly contentType: string;
};

/** Upper bounds of the buckets of every histogram: all of them count seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counters and histograms that begin at 0, in a registry of their own: two of them in one process do not add up. */
export function openMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Histogram({ name, help, labelNames, buckets: SECONDS, registers });
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames, registers });

  const published = counter("fraiseql_events_published_total", "Events that the relay put on the bus.");
  const publishLag = histogram(
    "fraiseql_publish_lag_seconds",
    "From the write of a row until its event is on the bus.",
  );
  const decided = counter("fraiseql_events_decided_total", "Events that the rules decided on.", ["matched"]);
  const decideLag = histogram(
    "fraiseql_decision_lag_seconds",
    "From the write of a row until the rules decided on it.",
  );
  const refused = counter("fraiseql_events_refused_total", "Messages of the bus that are no events.");
  const attempts = counter("fraiseql_attempts_total", "Attempts of jobs.", ["action", "outcome"]);
  const attemptTime = histogram("fraiseql_attempt_duration_seconds", "How long an attempt took.", ["action"]);
  const endToEnd = histogram("fraiseql_delivery_lag_seconds", "From the write of a row until its action was done.");
  const discarded = counter("fraiseql_jobs_discarded_total", "Jobs that became dead letters.");
  const held = gauge(
    "fraiseql_relay_held_seconds",
    "How long the relay has waited for an open transaction; 0 without one.",
  );
  const leases = counter("fraiseql_lease_changes_total", "Leases taken and lost.", ["change"]);
  const faults = counter("fraiseql_faults_total", "Faults of the program's parts.", ["part"]);
  const refills = counter("fraiseql_bus_refills_total", "How often a bus that had lost messages was filled again.");
  const pending = gauge("fraiseql_events_pending", "Events on the bus that are not decided.", ["shard"]);
  const unpublished = gauge("fraiseql_outbox_unpublished", "Events in the outbox that are not on the bus.");
  const jobs = gauge("fraiseql_jobs", "Jobs in the queue.", ["state"]);
  const deadLetters = gauge("fraiseql_dead_letters", "Deliveries that were discarded.");

  const observe = (seen: Observation) => {
    switch (seen.kind) {
      case "events-published":
        published.inc(seen.count);
        publishLag.observe(seen.lagMs / 1_000);
        held.set(0);
        return;
      case "event-decided":
        decided.inc({ matched: seen.matched > 0 ? "yes" : "no" });
        if (seen.lagMs !== undefined) decideLag.observe(seen.lagMs / 1_000);
        return;
      case "event-refused":
        return refused.inc();
      case "attempt-ended":
        attempts.inc({ action: seen.action, outcome: seen.outcome });
        attemptTime.observe({ action: seen.action }, seen.durationMs / 1_000);
        if (seen.endToEndMs !== undefined) endToEnd.observe(seen.endToEndMs / 1_000);
        return;
      case "job-discarded":
        return discarded.inc();
      case "relay-held":
        return held.set(seen.ageMs / 1_000);
      case "lease-taken":
      case "lease-lost":
        return leases.inc({ change: seen.kind === "lease-taken" ? "taken" : "lost" });
      case "part-failed":
        // A shard's name is not a part of the program's.
        return faults.inc({ part: seen.part.replace(/:.*$/, "") });
      case "bus-refilled":
        return refills.inc();
    }
  };
  const text = (now: Gauges) => {
    for (const [shard, count] of (now.pending ?? []).entries()) pending.set({ shard: String(shard) }, count);
    if (now.unpublished !== undefined) unpublished.set(now.unpublished);
    for (const [state, count] of Object.entries(now.jobs ?? {})) jobs.set({ state }, count);
    if (now.deadLetters !== undefined) deadLetters.set(now.deadLetters);
    return registry.metrics();
  };
  return { observe, text, contentType: registry.contentType };
}
