/** What the forms of an export have in common. */
import type { Column } from "../../core/columnar/column.ts";
import { checkDescription } from "../../core/columnar/wire-oids.ts";
import { FraiseqlError } from "../../core/errors.ts";
import type { OperationRequest, Operations } from "../../core/operations.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { sourcesOf } from "../../core/plan/sources.ts";
import type { Form } from "../../core/sql/exports/form.ts";
import { fillPart, partsOf } from "../../core/sql/exports/part.ts";
import { fillRange, type KeyRange, type RangedList } from "../../core/sql/exports/range.ts";
import type { CompiledStatement, Statement } from "../../core/sql/statement.ts";
import type { BulkReader, BulkResult } from "../../ports/bulk-reader.ts";
import type { Exported } from "./chunks.ts";
import { firstRows } from "./first-rows.ts";
import { mergedResult } from "./merged-result.ts";

export type ExportParts = {
  readonly operations: Operations;
  readonly bulk: BulkReader;
  /** A table with more rows is broken off with EXPORT_LIMIT. */
  readonly rowsMax: number;
  /** Content hash of the artifact, which travels with an Arrow table. */
  readonly fingerprint?: string;
};

/** An export of which PostgreSQL has not heard yet. */
export type PreparedExport = {
  readonly statement: Statement;
  readonly plan: Plan;
  /** The list that it is, where it can be read in ranges. */
  readonly ranged?: RangedList | undefined;
  /**
   * Resolves when the first bytes are there, so that what PostgreSQL refuses at once is an error and not a broken stream.
   * What fails later throws from the iteration.
   */
  readonly begin: (options: BeginOptions) => Promise<Exported>;
};

export type BeginOptions = {
  readonly signal?: AbortSignal;
  /** Reads the table in parts at the same time, rows in any order; only for operations with a `divisibleRelation`. */
  readonly parts?: { readonly pages: number; readonly connections: number } | undefined;
  /** Of a `ranged` list: ranges that lie one behind the other. */
  readonly ranges?: readonly KeyRange[] | undefined;
};

type RowsOptions<Made extends { readonly statement: CompiledStatement }> = {
  readonly whole: Statement;
  readonly part: Form<Made>;
  readonly range?: { readonly form: Form<Made>; readonly limit: number | undefined } | undefined;
  readonly plan: Plan;
  readonly columns: readonly Column[];
};

/**
 * The rows of an operation: of its one statement, or of one for each part or range of its table. Rejects with ARTIFACT_MISMATCH
 * where the server describes other columns than the form expects.
 */
export async function openRows<Made extends { readonly statement: CompiledStatement }>(
  { operations, bulk }: ExportParts,
  request: OperationRequest,
  { whole, part, range, plan, columns }: RowsOptions<Made>,
  { signal, parts, ranges }: BeginOptions,
): Promise<BulkResult> {
  const options = signal ? { signal } : {};
  const { relations } = sourcesOf(plan);
  if (range && ranges) {
    const { made, statement } = operations.prepareAs(range.form, request);
    const statements = ranges.map((each) => fillRange(made.statement, statement, each));
    const result = await bulk.openInOrder(statements, { relations, ...options });
    return described(range.limit === undefined ? result : firstRows(result, range.limit), columns);
  }
  if (!parts) return described(await bulk.open(whole, options), columns);
  const { made, statement } = operations.prepareAs(part, request);
  const statementsFor = (count: number): readonly Statement[] =>
    partsOf(parts.pages, count).map((part) => fillPart(made.statement, statement, part));
  const { connections } = parts;
  const results = await bulk.openTogether(statementsFor, { connections, relations, ...options });
  return described(mergedResult(results), columns);
}

async function described(result: BulkResult, columns: readonly Column[]): Promise<BulkResult> {
  try {
    checkDescription(
      columns,
      result.columns.map(({ typeOid }) => typeOid),
    );
    return result;
  } catch (error) {
    await result.close();
    throw error;
  }
}

/** EXPORT_LIMIT, with the limit in its details. */
export function tooManyRows(limit: number): FraiseqlError {
  return new FraiseqlError("EXPORT_LIMIT", `The table has more than ${limit} rows; give the list a limit.`, {
    details: { limit },
  });
}
