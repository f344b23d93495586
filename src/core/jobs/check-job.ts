import { FraiseqlError } from "../errors.ts";
import type { Job } from "./job.ts";

/** Bounds of one job. Texts in UTF-16 units, which every store holds in at most three bytes each. */
export const JOB_LIMITS = {
  idMax: 500,
  orgMax: 200,
  uniqueKeyMax: 500,
  payloadMax: 1_048_576,
  attemptsMax: 1_000,
  /** Jobs of one claim. */
  claimMax: 1_000,
} as const;

/**
 * What every queue refuses, so that none keeps what another could not.
 *
 * @throws FraiseqlError PAYLOAD_TOO_LARGE for a payload, INTERNAL_ERROR for the rest: jobs are made by the program alone
 */
export function checkJob(job: Job): void {
  const { idMax, orgMax, uniqueKeyMax, payloadMax, attemptsMax } = JOB_LIMITS;
  if (job.payload.length > payloadMax) {
    throw new FraiseqlError("PAYLOAD_TOO_LARGE", `A job's payload is longer than ${payloadMax} characters.`, {
      details: { limit: payloadMax },
    });
  }
  const problem =
    job.id === "" || job.id.length > idMax
      ? `an id of 1 to ${idMax} characters`
      : job.org.length > orgMax
        ? `an org of at most ${orgMax} characters`
        : (job.uniqueKey?.length ?? 0) > uniqueKeyMax || job.uniqueKey === ""
          ? `a unique key of 1 to ${uniqueKeyMax} characters`
          : !Number.isInteger(job.retry.attemptsMax) || job.retry.attemptsMax < 1 || job.retry.attemptsMax > attemptsMax
            ? `1 to ${attemptsMax} attempts`
            : [job.id, job.org, job.uniqueKey ?? "", job.payload].some((text) => text.includes("\0"))
              ? "texts without NUL"
              : undefined;
  if (problem !== undefined) throw new FraiseqlError("INTERNAL_ERROR", `A job needs ${problem}.`);
}
