/** The expressions of a schema's author that PostgreSQL does not take. */
import { FraiseqlError } from "../../core/errors.ts";
import type { Difference } from "../../core/schema/drift.ts";
import type { Model } from "../../core/schema/model.ts";
import { expressionProbes } from "../../core/sql/expression-probe.ts";
import type { Database, Statement } from "../../ports/database.ts";

/** No expression of an author, however wrong, leads to these: they say nothing about it. */
const ELSEWHERE = new Set(["DATABASE_UNAVAILABLE", "STATEMENT_TIMEOUT", "REQUEST_CANCELLED", "INTERNAL_ERROR"]);

/**
 * A difference for each expression that names what is not there, or whose type cannot be cast to the one it was given.
 * The catalog does not show them: what an expression rests on is known to PostgreSQL alone.
 *
 * @throws FraiseqlError DATABASE_UNAVAILABLE when the database cannot be asked
 */
export async function refusedExpressions(model: Model, database: Database): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  for (const { statement, fields } of expressionProbes(model)) {
    if ((await refusal(statement, database)) === undefined) continue;
    for (const { name, statement: own } of fields) {
      const reason = await refusal(own, database);
      if (reason === undefined) continue;
      differences.push({
        what: `The expression of ${name} is refused by PostgreSQL: ${reason}.`,
        mend: "Correct the expression or its type in the schema and compile it again, or bring back what it names.",
        wrong: true,
      });
    }
  }
  return differences;
}

async function refusal(statement: Statement, database: Database): Promise<string | undefined> {
  try {
    await database.rows(statement);
    return undefined;
  } catch (error) {
    if (!(error instanceof FraiseqlError) || ELSEWHERE.has(error.code)) throw error;
    return error.cause instanceof Error ? error.cause.message : error.message;
  }
}
