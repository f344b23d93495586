/** How many pipelines a crowd is spread over: few where statements only work, all there are where they wait. */
export type PipelineWidth = {
  now(): number;
  /** @param milliseconds - PostgreSQL took for a statement that was there when the one before it ended */
  took(milliseconds: number): void;
};

/** More than so many only take turns on PostgreSQL's cores with statements that are shorter than waking up a process. */
const FEW = 3;
/**
 * Much longer than a small write works. What takes longer waits, for the disk or a standby, or works so long that a core of
 * its own is worth it. By the middle one, since answers that come together make the first look long and the others short.
 */
const LONG_MS = 0.15;
const WINDOW = 128;
/** Few are tried again after so long. */
const WIDE_MS = 10_000;

/**
 * @param most - as many as there may be
 * @param clock - milliseconds from any beginning
 */
export function createPipelineWidth(most: number, clock: () => number): PipelineWidth {
  const few = Math.min(FEW, most);
  let seen = 0;
  let long = 0;
  let wideUntil = Number.NEGATIVE_INFINITY;
  return {
    now: () => (clock() < wideUntil ? most : few),
    took(milliseconds) {
      seen += 1;
      if (milliseconds > LONG_MS) long += 1;
      if (seen < WINDOW) return;
      if (long > WINDOW / 2) wideUntil = clock() + WIDE_MS;
      seen = 0;
      long = 0;
    },
  };
}
