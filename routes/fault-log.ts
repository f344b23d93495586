/** Faults as lines for people. A fault that keeps coming, such as a database that is away, is not printed each time. */

const QUIET_MS = 10_000;
/** Kinds of faults remembered; when there are more, counting begins anew. */
const KINDS_MAX = 100;

/** @param now - milliseconds of a clock that never goes back */
export function createFaultLog(print: (line: string) => void, now = () => performance.now()): (fault: unknown) => void {
  const kinds = new Map<string, { printedAt: number; since: number }>();
  return (fault) => {
    const [kind, details] = fault instanceof Error ? [`${fault.name}: ${fault.message}`, fault.stack] : [String(fault)];
    const known = kinds.get(kind);
    if (known && now() - known.printedAt < QUIET_MS) {
      known.since += 1;
      return;
    }
    print(known ? `${kind} (and ${known.since} more times)` : (details ?? kind));
    if (kinds.size >= KINDS_MAX) kinds.clear();
    kinds.set(kind, { printedAt: now(), since: 0 });
  };
}
