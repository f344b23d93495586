/** How what runs is ended: in order, and in a time that is known whatever the systems outside do. */
export type StopStep = {
  readonly name: string;
  /** What takes longer is left to itself. */
  readonly milliseconds?: number;
  readonly run: () => Promise<unknown>;
};

const STEP_MS = 10_000;

/** One step after the other, each waited for as long as it may take. Gives an error to `report` for each that fails or takes longer. */
export async function stopInSteps(steps: readonly StopStep[], report: (error: Error) => void): Promise<void> {
  for (const { name, milliseconds = STEP_MS, run } of steps) {
    const late = Promise.withResolvers<never>();
    const tooLong = new Error(`It did not end in ${milliseconds} ms.`);
    const timer = setTimeout(() => late.reject(tooLong), milliseconds);
    try {
      await Promise.race([run(), late.promise]);
    } catch (cause) {
      report(new Error(`A step of stopping failed: ${name}`, { cause }));
    } finally {
      clearTimeout(timer);
    }
  }
}
