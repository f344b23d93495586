/** The long-running half, put together: what each part does until it is told to stop. */
import { logObservations } from "../adapters/json-log/log-observations.ts";
import { openTraces } from "../adapters/otlp/traces.ts";
import { openChangeFeed } from "../adapters/postgres/outbox/change-feed.ts";
import { openMetrics } from "../adapters/prometheus/metrics.ts";
import { realWait } from "../adapters/timers/wait.ts";
import { digest } from "../adapters/web-crypto/digest.ts";
import type { Environment } from "../config/environment.ts";
import type { Config } from "../config/schema.ts";
import type { Observation, Observe } from "../core/observation.ts";
import { observedEntities } from "../core/rules/observed-entities.ts";
import { openArtifact } from "../core/schema/seal.ts";
import { dispatchShards } from "../flows/events/dispatch-shards.ts";
import { watchOwnBus } from "../flows/events/own-bus.ts";
import { relayChanges } from "../flows/events/publish-changes.ts";
import { behindBreaker } from "../flows/jobs/behind-breaker.ts";
import { pruneLedger } from "../flows/jobs/prune-ledger.ts";
import { type RunnerOptions, type RunnerParts, runJobs } from "../flows/jobs/run-jobs.ts";
import { isThere, readiness, type Status } from "../flows/readiness.ts";
import { disableRule } from "../flows/rules/change-rules.ts";
import { openLiveRules } from "../flows/rules/live-rules.ts";
import type { LeaseParts } from "../flows/under-lease.ts";
import { openActions } from "./actions.ts";
import { arrivals } from "./arrivals.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { type Operating, operatingOf } from "./operating.ts";
import { stopInSteps } from "./stop-in-steps.ts";
import { openStores, refuseUnfitQueue } from "./worker-stores.ts";

/** The parts that work on what the stores hold; the gateway stands before one of them and has a port of its own. */
export type WorkerPart = "relay" | "dispatcher" | "job-runner";

export type Workers = {
  readonly operating: Omit<Operating, "close">;
  /** Runs the parts until the signal, and drains them. */
  run(parts: ReadonlySet<WorkerPart>, signal: AbortSignal): Promise<void>;
  readiness(): Promise<Status>;
  metrics(): Promise<{ readonly text: string; readonly contentType: string }>;
  report(error: unknown): void;
  close(): Promise<void>;
};

export type WorkersInput = {
  readonly config: Config;
  /** Where secrets of rules are read. */
  readonly environment: Environment;
  readonly artifact: string;
  /** Gets lines of JSON. */
  readonly log: (line: string) => void;
  /** Gets what the log and metrics get, too. */
  readonly observe?: Observe;
};

/** @throws FraiseqlError ARTIFACT_INVALID; CONFIG_INVALID for a queue that must not be used; what the stores reject with when they cannot be reached at the start */
export async function openWorkers({
  config,
  environment,
  artifact,
  log,
  observe: also,
}: WorkersInput): Promise<Workers> {
  const { model, catalog } = await openArtifact(artifact, digest);
  const { metrics, traces, report, observe } = openTelemetry(config, log, also);
  const stores = await openStores(config, { name: "fraiseql-workers", connectionsMax: config.workers.connectionsMax });
  await refuseUnfitQueue(stores.queue, config).catch((error) => stores.close().finally(() => Promise.reject(error)));
  const { sql } = stores;
  const actions = openActions({ config, environment, sql, write: log, wait: realWait });
  const guarded = new Map(
    [...actions].map(([kind, action]) => [
      kind,
      behindBreaker(action, { breakers: stores.breakers, wait: realWait, observe }),
    ]),
  );
  const scope = { entities: observedEntities(model, catalog, config.events), actions };
  const { bus, ledger, leases, outbox, queue, rules: store } = stores;
  const base = { bus, ledger, leases, outbox, queue, wait: realWait, observe };
  const holder = `${crypto.randomUUID()}`;
  const arrived = arrivals();
  // Anybody may ask for health as often as he likes, and it is asked on the connections that the parts work on.
  const asked = oneAtATime(() => readiness({ ...stores, store }));

  const running: Record<WorkerPart, (signal: AbortSignal, beside: ReadonlySet<WorkerPart>) => Promise<void>> = {
    relay: (signal) =>
      relayChanges({ ...base, feed: openChangeFeed(sql) }, { holder, retentionMs: config.events.retentionMs, signal }),
    dispatcher: async (signal) => {
      const rules = await openLiveRules({ store, scope, wait: realWait, observe });
      await Promise.all([
        rules.follow(signal),
        watchOwnBus(base, signal),
        dispatchShards({ ...base, rules, jobsArrived: arrived.ring }, { holder, signal }),
      ]);
    },
    "job-runner": async (signal, beside) => {
      const disable = (rule: { readonly name: string; readonly version: number }, reason: string) =>
        disableRule(store, rule, `job runner: ${reason}`.slice(0, 200));
      const runner = { ...base, actions: guarded, disableRule: disable, holder, signal };
      // It hears of all new jobs, or has to look for them.
      const isTold = beside.has("dispatcher") || config.redis.url !== undefined;
      const stopListening = await stores.listenToJobs(arrived.ring);
      await runJobsAndPrune(config.workers, { ...runner, ...(isTold && { arrivals: arrived }) }).finally(stopListening);
    },
  };
  return {
    operating: operatingOf(stores, scope),
    run: async (parts, signal) => {
      // A part that fails for good takes the process with it: whoever runs it starts it anew.
      const failed = new AbortController();
      const either = AbortSignal.any([signal, failed.signal]);
      const all = [...parts].map((part) =>
        running[part](either, parts).catch((error) => {
          observe({ kind: "part-failed", part, error });
          failed.abort();
          throw error;
        }),
      );
      const results = await Promise.allSettled(all);
      for (const result of results) if (result.status === "rejected") throw result.reason;
    },
    readiness: asked,
    metrics: async () => {
      const { bus, outbox, queue, deliveries } = await asked();
      const text = await metrics.text({
        pending: isThere(bus) ? bus.shards : undefined,
        unpublished: isThere(outbox) ? outbox.waiting : undefined,
        jobs: isThere(queue) ? queue : undefined,
        deadLetters: isThere(deliveries) ? deliveries.discarded : undefined,
      });
      return { text, contentType: metrics.contentType };
    },
    report,
    close: () =>
      stopInSteps(
        [
          { name: "actions", run: () => Promise.all([...actions.values()].map((action) => action.close?.())) },
          { name: "traces", run: async () => traces?.close() },
          { name: "stores", run: () => stores.close(report) },
        ],
        report,
      ),
  };
}

/** One observation goes to all of them. */
function openTelemetry({ telemetry }: Config, log: (line: string) => void, also: Observe | undefined) {
  const metrics = openMetrics();
  const logged = logObservations(log, realWait.now);
  const report = (error: unknown) => logged({ kind: "part-failed", part: "worker", error });
  const { tracesUrl: url, tracesAuthorization: authorization } = telemetry;
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const traces = url === undefined ? undefined : openTraces({ url, headers, report });
  const observe = (seen: Observation) => {
    logged(seen);
    metrics.observe(seen);
    traces?.observe(seen);
    also?.(seen);
  };
  return { metrics, traces, report, observe };
}

type JobRunner = RunnerParts & LeaseParts & Pick<RunnerOptions, "signal" | "arrivals"> & { readonly holder: string };

async function runJobsAndPrune(
  { concurrency, leaseMs, drainMs, retentionMs }: Config["workers"],
  { signal, arrivals, holder, ...parts }: JobRunner,
): Promise<void> {
  await Promise.all([
    runJobs(parts, { concurrency, leaseMs, drainMs, signal, ...(arrivals && { arrivals }) }),
    pruneLedger(parts, { holder, retentionMs, signal }),
  ]);
}
