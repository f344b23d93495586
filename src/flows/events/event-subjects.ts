/** Subjects of events, made once per org, table and operation. */
import type { ChangeEvent } from "../../core/events/change-event.ts";
import { subjectOf } from "../../core/events/subject.ts";
import { leastRecentlyUsed } from "../../core/recent-map.ts";

type Placed = Pick<ChangeEvent, "org" | "table" | "operation">;

const SUBJECTS_MAX = 10_000;

/** Like `subjectOf`, at the cost of a look. */
export function rememberedSubjects(): (event: Placed) => string {
  const known = leastRecentlyUsed<string, string>(SUBJECTS_MAX);
  return (event) => {
    const key = `${event.operation}\n${event.table}\n${event.org ?? "\n"}`;
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const subject = subjectOf(event);
    known.set(key, subject);
    return subject;
  };
}
