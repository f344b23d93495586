import type { FraiseqlError, ResponseError } from "../../core/errors.ts";
import type { PreparedWrite } from "../../core/operations.ts";
import type { PgType, QualifiedName } from "../../core/schema/catalog.ts";
import type { ObjectType, ValueSource } from "../../core/schema/model.ts";

/**
 * The error of one root field as clients see it. Of a violated constraint the columns become the fields that show them;
 * which table it was, they are not told.
 */
export function fieldError(write: PreparedWrite, error: FraiseqlError): ResponseError {
  const object = write.kind === "write" ? write.object : undefined;
  return shownError(error, object && fieldsOver(object, error), [write.key]);
}

/**
 * The error of a commit that is that of several root fields. Which of them broke a constraint PostgreSQL does not say: it is the
 * one that shows the columns, where no other does.
 */
export function commitError(writes: readonly PreparedWrite[], error: FraiseqlError): ResponseError {
  const written = writes.flatMap((write) => (write.kind === "write" ? [write] : []));
  const showing = written.filter(({ object }) => object && fieldsOver(object, error).length > 0);
  const [first, ...others] = written.length > 1 ? showing : written;
  if (first && others.length === 0) return fieldError(first, error);
  return shownError(error, first?.object ? fieldsOver(first.object, error) : []);
}

/** @param fields - those of a violated constraint; undefined where they are not to be told */
function shownError(
  error: FraiseqlError,
  fields: readonly string[] | undefined,
  path?: readonly string[],
): ResponseError {
  const { table: _, domain: __, columns, ...details } = error.details;
  const told = Array.isArray(columns) ? fields : undefined;
  const message = told && told.length > 0 ? `${error.message.replace(/\.$/, "")}: ${told.join(", ")}.` : error.message;
  return {
    message,
    ...(path && { path }),
    extensions: { ...details, ...(told && { fields: told }), code: error.code },
  };
}

/** Nothing of it is there where the error is another one. */
type ViolatedConstraint = {
  readonly table?: QualifiedName;
  readonly domain?: QualifiedName;
  readonly columns?: readonly string[];
  readonly constraint?: string;
};

/**
 * The server says no columns of a check, and under row security none at all: then the constraint's are known by its name.
 *
 * Of a referring row the server names its own table, but the columns of the one that is referred to. Of a domain it names the
 * type: where one column alone has it, that is meant.
 */
function fieldsOver(object: ObjectType, { code, details }: FraiseqlError): readonly string[] {
  const { table, domain, columns: told = [], constraint } = details as ViolatedConstraint;
  if (object.source.kind === "value") return [];
  if (domain) {
    const having = fieldsOf(object, ({ type }) => isOf(type, domain));
    return having.length === 1 ? having : [];
  }
  const { schema, name } = object.source.relation;
  const isOwn = table === undefined || (table.schema === schema && table.name === name);
  if (!isOwn && code !== "FOREIGN_KEY_VIOLATED") return [];
  const named = isOwn ? object.constraints?.find((each) => each.name === constraint) : undefined;
  const columns = told.length > 0 ? told : (named?.columns ?? []);
  return columns.flatMap((column) => fieldsOf(object, (value) => value.column === column).slice(0, 1));
}

type ColumnValue = Extract<ValueSource, { readonly from: "column" }>;

function fieldsOf(object: ObjectType, isMeant: (value: ColumnValue) => boolean): readonly string[] {
  return object.fields.flatMap((field) =>
    field.kind !== "relation" && field.value.from === "column" && isMeant(field.value) ? [field.name] : [],
  );
}

function isOf(type: PgType, domain: QualifiedName): boolean {
  if (type.kind === "array") return isOf(type.element, domain);
  if (type.kind !== "domain") return false;
  return (type.schema === domain.schema && type.name === domain.name) || isOf(type.base, domain);
}
