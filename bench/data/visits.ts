/**
 * Writing, on a table of its own beside either data set: a row, a hundred rows, one row by its key.
 *
 * The table begins anew before every sample, with the same rows and the same next key, so that nobody's work makes the next
 * one's lighter or heavier, and everybody has to give the same answers.
 */
import type { Operation, Variables } from "./data-set.ts";

/** Rows that are there for the updates. */
const SEEDED = 2_000;
const MANY = 100;

/**
 * PostGraphile generates nothing that inserts many rows, so it gets what its documentation advises: a function, which takes
 * the rows as its own input type and inserts them by one statement.
 */
export const VISIT_TABLE: readonly string[] = [
  `create table tb_visit (
    pk_visit integer generated always as identity primary key,
    fk_place integer not null,
    visitor text not null,
    note text,
    rating numeric(4, 2) not null,
    is_public boolean not null default true
  ) with (autovacuum_enabled = off)`,
  "create index on tb_visit (fk_place)",
  `create function create_visits(visits tb_visit[]) returns setof tb_visit language sql volatile as $$
    insert into tb_visit (fk_place, visitor, note, rating, is_public)
      select fk_place, visitor, note, rating, is_public from unnest(visits) returning *
  $$`,
];

const RESET: readonly string[] = [
  "truncate tb_visit restart identity",
  `insert into tb_visit (fk_place, visitor, note, rating)
    select 1 + n % 500, 'visitor ' || n, null, n % 10 from generate_series(1, ${SEEDED}) as n`,
  "vacuum analyze tb_visit",
  "checkpoint",
];

const VISIT_FIELDS = "pkVisit fkPlace visitor note rating isPublic";
const VISIT_JSON = `'{"pkVisit":' || pk_visit || ',"fkPlace":' || fk_place || ',"visitor":' || to_json(visitor)::text
  || ',"note":' || coalesce(to_json(note)::text, 'null') || ',"rating":"' || rating || '","isPublic":' || is_public || '}'`;

const visit = (turn: number) => ({
  fkPlace: 1 + ((turn * 7) % 500),
  visitor: `visitor ${turn}`,
  note: `The "old town" of the ${turn}th place, and a café on its square.`,
  rating: `${turn % 10}.50`,
  isPublic: turn % 3 !== 0,
});
const columnsOf = ({ fkPlace, visitor, note, rating, isPublic }: Visit) => [
  String(fkPlace),
  visitor,
  note,
  rating,
  String(isPublic),
];
type Visit = ReturnType<typeof visit>;

const element = (text: string | null): string => `"${String(text).replaceAll(/[\\"]/g, "\\$&")}"`;
/** The values of each column as one array in PostgreSQL's text form. */
const arraysOf = (visits: readonly Visit[]): string[] => {
  const rows = visits.map((each) => columnsOf(each).map(element));
  return (rows[0] ?? []).map((_, column) => `{${rows.map((row) => row[column]).join(",")}}`);
};

const write = { reset: RESET, written: "select * from tb_visit order by pk_visit" };

export const WRITES: readonly Operation[] = [
  {
    name: "insert",
    write: { ...write, payload: "tbVisit" },
    documents: {
      fraiseql: `mutation Insert($values: VisitInsert!) { insertVisit(values: $values) { ${VISIT_FIELDS} } }`,
      postgraphile: `mutation Insert($values: TbVisitInput!) {
        insertVisit: createTbVisit(input: { tbVisit: $values }) { tbVisit { ${VISIT_FIELDS} } } }`,
    },
    variables: Array.from({ length: 1_000 }, (_, turn) => ({ values: visit(turn) })),
    statement: `insert into tb_visit (fk_place, visitor, note, rating, is_public) values ($1, $2, $3, $4, $5::text::bool)
      returning '{"data":{"insertVisit":' || ${VISIT_JSON} || '}}'`,
    values: (variables) => columnsOf(variables["values"] as Visit),
  },
  {
    name: "insert100",
    write: { ...write, payload: "result" },
    documents: {
      fraiseql: `mutation Insert($values: [VisitInsert!]!) { insertVisits(values: $values) { ${VISIT_FIELDS} } }`,
      postgraphile: `mutation Insert($values: [TbVisitInput]!) {
        insertVisits: createVisits(input: { visits: $values }) { result { ${VISIT_FIELDS} } } }`,
    },
    variables: Array.from({ length: 20 }, (_, turn) => ({
      values: Array.from({ length: MANY }, (_row, row) => visit(turn * MANY + row)),
    })),
    statement: `with t as (insert into tb_visit (fk_place, visitor, note, rating, is_public)
        select unnest($1::int4[]), unnest($2::text[]), unnest($3::text[]), unnest($4::numeric[]), unnest($5::bool[])
        returning pk_visit, fk_place, visitor, note, rating, is_public)
      select '{"data":{"insertVisits":[' || coalesce(string_agg(${VISIT_JSON}, ','), '') || ']}}' from t`,
    values: (variables) => arraysOf(variables["values"] as readonly Visit[]),
  },
  {
    name: "update",
    write: { ...write, payload: "tbVisit" },
    documents: {
      fraiseql: `mutation Update($id: Int!, $set: VisitSet!) { updateVisit(pkVisit: $id, set: $set) { ${VISIT_FIELDS} } }`,
      postgraphile: `mutation Update($id: Int!, $set: TbVisitPatch!) {
        updateVisit: updateTbVisitByPkVisit(input: { pkVisit: $id, tbVisitPatch: $set }) { tbVisit { ${VISIT_FIELDS} } } }`,
    },
    // All over the table, and never two of one row at the same time.
    variables: Array.from({ length: 1_000 }, (_, turn) => {
      const { note, rating } = visit(turn);
      return { id: 1 + ((turn * 613) % SEEDED), set: { note, rating } };
    }),
    statement: `update tb_visit set note = $2, rating = $3 where pk_visit = $1
      returning '{"data":{"updateVisit":' || ${VISIT_JSON} || '}}'`,
    values: ({ id, set }: Variables) => [String(id), (set as Visit).note, (set as Visit).rating],
  },
];
