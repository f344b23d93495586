import type { JobState } from "./job.ts";

/** What leads a job from one state to another. `due` and the two of a lost lease happen within a claim. */
export type JobMove = {
  /** `new` where there was no job before. */
  readonly from: JobState | "new";
  readonly to: JobState;
  readonly by: "enqueue" | "due" | "claim" | "complete" | "retry" | "snooze" | "cancel" | "discard" | "lease over";
};

/** All moves there are; docs/reference/jobs.md draws them, and a test holds the drawing against this list. */
export const JOB_MOVES: readonly JobMove[] = [
  { from: "new", to: "available", by: "enqueue" },
  { from: "new", to: "scheduled", by: "enqueue" },
  { from: "scheduled", to: "available", by: "due" },
  { from: "retryable", to: "available", by: "due" },
  { from: "available", to: "running", by: "claim" },
  { from: "running", to: "completed", by: "complete" },
  { from: "running", to: "retryable", by: "retry" },
  { from: "running", to: "scheduled", by: "snooze" },
  { from: "running", to: "cancelled", by: "cancel" },
  { from: "running", to: "discarded", by: "discard" },
  // Attempts are left.
  { from: "running", to: "available", by: "lease over" },
  // None is left.
  { from: "running", to: "discarded", by: "lease over" },
  { from: "available", to: "cancelled", by: "cancel" },
  { from: "scheduled", to: "cancelled", by: "cancel" },
  { from: "retryable", to: "cancelled", by: "cancel" },
];

/** States that no move leads out of. */
const ENDED_STATES = ["completed", "cancelled", "discarded"] as const satisfies readonly JobState[];
export type EndedState = (typeof ENDED_STATES)[number];

/** Whether a job of this state stays in it. */
export function isEnded(state: JobState): state is EndedState {
  return (ENDED_STATES as readonly JobState[]).includes(state);
}
