/** One name for one delivery, from what was decided alone: whoever decides again comes to the same name. */

/** `epoch:position` of the event, the rule's name and version, the place of the action in the rule. */
export type DeliveryParts = {
  readonly eventId: string;
  readonly ruleName: string;
  readonly ruleVersion: number;
  readonly actionIndex: number;
};

/** The id of a delivery: what receivers get as their idempotency key, the same at each attempt and each replay. */
export function deliveryId({ eventId, ruleName, ruleVersion, actionIndex }: DeliveryParts): string {
  return `${eventId}:${ruleName}@${ruleVersion}:${actionIndex}`;
}

/** The id of the job of one round of a delivery. Each replay is a round more, since a queue does not take an ended id again. */
export function jobId(delivery: string, round: number): string {
  return round === 0 ? delivery : `${delivery}~${round}`;
}

/** Which delivery a job is of, and in which round: 0 before the first replay. */
export function roundOf(job: string): { readonly delivery: string; readonly round: number } {
  const found = /^(.*)~(\d+)$/.exec(job);
  return found ? { delivery: found[1] ?? "", round: Number(found[2]) } : { delivery: job, round: 0 };
}
