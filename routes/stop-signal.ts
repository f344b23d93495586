import process from "node:process";

/**
 * Ctrl-C in a terminal reaches a process more than once: from the terminal, and from each program above it that passes signals
 * on, as npm does.
 */
const SAME_SIGNAL_MS = 1_000;

/**
 * Resolves when the process is told to stop. Told again later than that takes, it ends at once.
 *
 * @param now milliseconds of a clock that only goes forward
 */
export function stopSignal(now: () => number = () => performance.now()): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const hear = (exitCode: number) => () => {
      first ??= now();
      if (now() - first > SAME_SIGNAL_MS) process.exit(exitCode);
      resolve();
    };
    process.on("SIGINT", hear(130)).on("SIGTERM", hear(143));
  });
}
