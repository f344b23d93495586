/** Fixed parts of statements on the outbox. */
import { SPILL_BYTES } from "../../../core/events/change-event.ts";

/** The id of the row of `fraiseql.outbox as o`: the epoch in which its position was drawn, and the position. */
export const EVENT_ID = `(select epoch from fraiseql.epochs where first_position <= o.position order by first_position desc limit 1) || ':' || o.position`;

/**
 * JSON of the event, rendered here and parsed by nobody until the rules want it. Times have microseconds, as
 * PostgreSQL has them.
 */
export function eventJson({ whole }: { readonly whole: boolean }): string {
  const image = (column: string) =>
    whole
      ? `coalesce(o.${column}, 'null')`
      : `case when o.bytes > ${SPILL_BYTES} then 'null' else coalesce(o.${column}, 'null') end`;
  return `
    '{"id":"' || ${EVENT_ID} || '","position":' || o.position || ',"table":' || to_json(o.table_name) ||
    ',"operation":"' || o.operation || '","key":' || to_json(o.key) || ',"before":' || ${image("before")} ||
    ',"after":' || ${image("after")} || ',"spilled":' || ${whole ? "'false'" : `(o.bytes > ${SPILL_BYTES})::text`} ||
    ',"org":' || coalesce(to_json(o.org)::text, 'null') || ',"actor":' || coalesce(to_json(o.actor)::text, 'null') ||
    ',"traceparent":' || coalesce(to_json(o.traceparent)::text, 'null') || ',"cause":' || coalesce(to_json(o.cause)::text, 'null') ||
    ',"occurredAt":"' || to_char(o.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}'`;
}
