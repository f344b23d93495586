/** Looks into rows of FraiseQL views to propose the fields of their documents. */
import { FraiseqlError } from "../../../core/errors.ts";
import type { Catalog, CatalogRelation } from "../../../core/schema/catalog.ts";
import {
  type DocumentShape,
  type DocumentShapes,
  documentColumn,
  documentFields,
} from "../../../core/schema/from-catalog/document-shape.ts";
import { identifier, integer, renderText, sql } from "../../../core/sql/fragment.ts";
import type { Database } from "../../../ports/database.ts";

/** Enough for keys that are rare, few enough for views that are dear. */
const ROWS_MAX = 500;

/**
 * Shapes of the documents of all `v_` and `tv_` relations with a JSON column `data`. A view without rows, or one that
 * fails when it is read, has no fields.
 *
 * @throws FraiseqlError when the database cannot be reached.
 */
export async function sampleDocuments(database: Database, catalog: Catalog): Promise<DocumentShapes> {
  const shapes: DocumentShape[] = [];
  for (const relation of catalog.relations) {
    const column = documentColumn(relation);
    if (column === undefined) continue;
    const { schema, name } = relation;
    shapes.push({
      relation: { schema, name },
      column,
      fields: documentFields(await documentsOf(database, relation, column)),
    });
  }
  return shapes;
}

async function documentsOf(database: Database, relation: CatalogRelation, column: string): Promise<readonly unknown[]> {
  const { text } = renderText(
    sql`select ${identifier(column)}::text from ${identifier(relation.schema, relation.name)} where ${identifier(column)} is not null limit ${integer(ROWS_MAX)}`,
  );
  try {
    const rows = await database.rows({ text, values: [] });
    return rows.map(([json]): unknown => JSON.parse(json ?? "null"));
  } catch (error) {
    // The view itself is broken or slow; that is no reason to refuse the rest of the database.
    if (error instanceof FraiseqlError && ["DATABASE_ERROR", "STATEMENT_TIMEOUT"].includes(error.code)) return [];
    throw error;
  }
}
