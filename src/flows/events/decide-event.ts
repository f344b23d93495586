import type { ChangeEvent } from "../../core/events/change-event.ts";
import { eventIdOf } from "../../core/events/replay-id.ts";
import type { Job, JobPayload } from "../../core/jobs/job.ts";
import { deliveryId } from "../../core/jobs/job-id.ts";
import { matchEvent, type RuleIndex } from "../../core/rules/rule-index.ts";
import type { Decided } from "../../ports/ledger.ts";

/**
 * What the rules say of one event, under the id that the bus has it by: an event that somebody published again has another
 * there, and is decided again. `now` of their conditions is when the row was written: deciding again gives the same.
 *
 * @param carried.body - the JSON text of the event, for the actions
 * @param carried.span - of the decision: attempts are below it
 */
export function decideEvent(
  index: RuleIndex,
  event: ChangeEvent,
  { id: eventId, body, span }: { readonly id: string; readonly body: string; readonly span: string },
): Decided {
  const matches = matchEvent(index, event, event.occurredAt);
  return {
    eventId,
    rulesVersion: index.version,
    matched: matches.map(({ rule, version }) => ({ name: rule.name, version })),
    deliveries: matches.flatMap(({ rule, version }) =>
      rule.actions.map((action, actionIndex) => {
        const id = deliveryId({ eventId, ruleName: rule.name, ruleVersion: version, actionIndex });
        const payload: JobPayload = {
          deliveryId: id,
          ruleName: rule.name,
          ruleVersion: version,
          entity: rule.entity.name,
          action,
          onFailure: rule.onFailure,
          event: body,
          traceparent: span,
          occurredAt: eventIdOf(eventId) === eventId ? event.occurredAt : null,
        };
        const { retry, timeoutMs } = rule;
        const job: Job = { id, org: event.org ?? "", retry, timeoutMs, payload: JSON.stringify(payload) };
        return { job, ruleName: rule.name, ruleVersion: version, actionIndex, actionKind: action.kind };
      }),
    ),
  };
}
