import type { Observation, Observe } from "../../core/observation.ts";
import { readTraceparent } from "../../core/trace.ts";

export type TraceOptions = {
  /** Where spans are posted as JSON, e.g. `http://collector:4318/v1/traces`. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly report: (error: unknown) => void;
};

export type Traces = {
  readonly observe: Observe;
  /** What is still to be sent is sent, or given up after a few seconds. */
  close(): Promise<void>;
};

const SPANS_MAX = 10_000;
const BATCH_MAX = 512;
const FLUSH_MS = 1_000;
const TIMEOUT_MS = 5_000;

/** Spans of decisions and attempts, in the trace of the request that wrote the row. A collector that is away costs spans, never work. */
export function openTraces({ url, headers, report }: TraceOptions): Traces {
  let waiting: object[] = [];
  let dropped = 0;
  const send = async (): Promise<void> => {
    while (waiting.length > 0) {
      const spans = waiting.slice(0, BATCH_MAX);
      waiting = waiting.slice(BATCH_MAX);
      try {
        const response = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(exportRequest(spans)),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        await response.body?.cancel();
        if (!response.ok) throw new Error(`The collector of traces answered ${response.status}.`);
      } catch (error) {
        dropped += spans.length;
        report(new Error(`${dropped} spans were not taken by the collector of traces`, { cause: error }));
        return;
      }
    }
  };
  let sending = Promise.resolve();
  const timer = setInterval(() => {
    sending = sending.then(send);
  }, FLUSH_MS);
  return {
    observe: (observation) => {
      const span = spanOf(observation);
      if (span === undefined) return;
      if (waiting.length >= SPANS_MAX) dropped += 1;
      else waiting.push(span);
    },
    close: async () => {
      clearInterval(timer);
      await sending.then(send);
    },
  };
}

/** Decisions without a match are most of them, and nothing follows from one. */
function spanOf(seen: Observation): object | undefined {
  if (seen.kind === "attempt-ended") return span(seen, attempt(seen));
  if (seen.kind === "event-decided" && seen.matched > 0) return span(seen, decision(seen));
  return undefined;
}

type Told<Kind extends Observation["kind"]> = Extract<Observation, { readonly kind: Kind }>;

function decision({ eventId, table, matched }: Told<"event-decided">): object {
  return {
    name: `decide ${table}`,
    // Takes what the relay sent. https://opentelemetry.io/docs/specs/otel/trace/api/#spankind
    kind: 5,
    attributes: [
      text("fraiseql.event.id", eventId),
      { key: "fraiseql.rules.matched", value: { intValue: String(matched) } },
    ],
    status: { code: 1 },
  };
}

function attempt(seen: Told<"attempt-ended">): object {
  const failed = seen.outcome !== "done" && seen.outcome !== "deferred";
  return {
    name: `${seen.action} ${seen.rule}`,
    // A client of the action's receiver.
    kind: 3,
    attributes: [
      text("fraiseql.job.id", seen.jobId),
      text("fraiseql.org", seen.org),
      text("fraiseql.rule", seen.rule),
      text("fraiseql.action", seen.action),
      { key: "fraiseql.attempt", value: { intValue: String(seen.attempt) } },
      text("fraiseql.outcome", seen.outcome),
    ],
    status: failed ? { code: 2, message: seen.reason ?? seen.outcome } : { code: 1 },
  };
}

function span(
  { traceparent, parent, startedAt, durationMs }: Told<"attempt-ended"> | Told<"event-decided">,
  what: object,
): object | undefined {
  const own = readTraceparent(traceparent);
  if (own === undefined) return undefined;
  return {
    traceId: own.traceId,
    spanId: own.spanId,
    parentSpanId: readTraceparent(parent)?.spanId ?? "",
    startTimeUnixNano: nanoseconds(startedAt),
    endTimeUnixNano: nanoseconds(startedAt + durationMs),
    ...what,
  };
}

function exportRequest(spans: readonly object[]): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: [text("service.name", "fraiseql-workers")] },
        scopeSpans: [{ scope: { name: "fraiseql" }, spans }],
      },
    ],
  };
}

function text(key: string, value: string): object {
  return { key, value: { stringValue: value } };
}

function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds * 1_000)}000`;
}
