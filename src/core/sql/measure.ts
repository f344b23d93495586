/** Aggregate functions as SQL. */
import type { Measure } from "../plan/plan.ts";
import type { ValueSource } from "../schema/model.ts";
import { type Fragment, sql } from "./fragment.ts";

/** `read` gives the value that is measured. */
export function measureSql(measure: Measure, read: (source: ValueSource) => Fragment): Fragment {
  if (measure.function === "count") return sql`count(*)`;
  const value = read(measure.value);
  switch (measure.function) {
    case "countDistinct":
      return sql`count(distinct ${value})`;
    case "sum":
      return sql`sum(${value})`;
    case "avg":
      return sql`avg(${value})`;
    case "min":
      return sql`min(${value})`;
    case "max":
      return sql`max(${value})`;
  }
}
