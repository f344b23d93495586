/** Values of composites and ranges, and lists of them, out of JSON: attributes by name, a range as PostgreSQL's text. */
import type { PgType } from "../schema/catalog.ts";
import { withoutDomains } from "../schema/pg-types.ts";
import { type Fragment, sql } from "./fragment.ts";
import { typeName } from "./value.ts";

/**
 * @param json of type jsonb; null and JSON null give null
 * @param alias a new one for each list
 */
export function valueOfJson(type: PgType, json: Fragment, alias: () => Fragment): Fragment {
  const base = withoutDomains(type);
  if (base.kind === "array") {
    const item = alias();
    const value = valueOfJson(base.element, sql`${item}.v`, alias);
    return sql`case when jsonb_typeof(${json}) = 'array' then array(select ${value} from jsonb_array_elements(${json}) with ordinality as ${item}(v, n) order by ${item}.n) end`;
  }
  if (base.kind === "range") return sql`(${json} #>> '{}')::${typeName(base)}`;
  return sql`case when jsonb_typeof(${json}) = 'object' then jsonb_populate_record(null::${typeName(base)}, ${json}) end`;
}
