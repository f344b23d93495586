/** Fixed parts of statements on the outbox. */
import { EVENT_TEXT_MAX, SPILL_BYTES } from "../../../core/events/change-event.ts";

/** The id of the row of `fraiseql.outbox as o`: the epoch in which its position was drawn, and the position. */
export const EVENT_ID = `(select epoch from fraiseql.epochs where first_position <= o.position order by first_position desc limit 1) || ':' || o.position`;

/** One more than an event may have, so that whoever reads it sees that it is too long. */
const cut = (name: keyof typeof EVENT_TEXT_MAX) => `left(o.${name}, ${EVENT_TEXT_MAX[name] + 1})`;

/** The org of the row of `fraiseql.outbox as o`. */
export const EVENT_ORG = cut("org");

/**
 * JSON of the event, rendered here and parsed by nobody until the rules want it. Times have microseconds, as
 * PostgreSQL has them.
 */
export function eventJson({ whole }: { readonly whole: boolean }): string {
  const image = (column: string) =>
    whole
      ? `coalesce(o.${column}, 'null')`
      : `case when o.bytes > ${SPILL_BYTES} then 'null' else coalesce(o.${column}, 'null') end`;
  const said = (name: keyof typeof EVENT_TEXT_MAX) => `coalesce(to_json(${cut(name)})::text, 'null')`;
  return `
    '{"id":"' || ${EVENT_ID} || '","position":' || o.position || ',"table":' || to_json(o.table_name) ||
    ',"operation":"' || o.operation || '","key":' || ${said("key")} || ',"before":' || ${image("before")} ||
    ',"after":' || ${image("after")} || ',"spilled":' || ${whole ? "'false'" : `(o.bytes > ${SPILL_BYTES})::text`} ||
    ',"org":' || ${said("org")} || ',"actor":' || ${said("actor")} ||
    ',"traceparent":' || ${said("traceparent")} || ',"cause":' || ${said("cause")} ||
    ',"occurredAt":"' || to_char(o.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}'`;
}
