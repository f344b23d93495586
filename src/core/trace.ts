/** https://www.w3.org/TR/trace-context/ : who called whom, as a text of four parts. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

export type TraceSpan = { readonly traceId: string; readonly spanId: string; readonly flags: string };

/** Undefined for what is not a traceparent of version 00. */
export function readTraceparent(text: string | null): TraceSpan | undefined {
  const found = text === null ? null : TRACEPARENT.exec(text);
  if (!found) return undefined;
  const [, traceId = "", spanId = "", flags = ""] = found;
  return { traceId, spanId, flags };
}

/** A span below the given one, in its trace; null where there is no trace. `random` gives 0 to below 1. */
export function childOf(traceparent: string | null, random: () => number): string | null {
  const span = readTraceparent(traceparent);
  return span ? `00-${span.traceId}-${spanId(random)}-${span.flags}` : null;
}

/** The first span of a trace of its own, for what came without one. */
export function beginTrace(random: () => number): string {
  return `00-${spanId(random)}${spanId(random)}-${spanId(random)}-01`;
}

/** The same, out of two random UUIDs, which a runtime makes sooner than digits are made out of numbers. */
export function traceOfUuids(trace: string, span: string): string {
  const firstHalf = trace.slice(0, 8) + trace.slice(9, 13) + trace.slice(14, 18);
  return `00-${firstHalf}${lastHalf(trace)}-${lastHalf(span)}-01`;
}

/** Sixteen digits, never all zero: they begin with the variant. */
const lastHalf = (uuid: string): string => uuid.slice(19, 23) + uuid.slice(24);

function spanId(random: () => number): string {
  const half = () =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, "0");
  const id = half() + half();
  return /^0+$/.test(id) ? "0000000000000001" : id;
}
