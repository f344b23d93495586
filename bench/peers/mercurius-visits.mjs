// What writes: one statement each, which is a transaction by itself.
const VISIT = `pk_visit as "pkVisit", fk_place as "fkPlace", visitor, note, rating, is_public as "isPublic"`;

const schema = `
  type Visit { pkVisit: Int! fkPlace: Int! visitor: String! note: String rating: String! isPublic: Boolean! }
  input VisitInsert { fkPlace: Int! visitor: String! note: String rating: String! isPublic: Boolean }
  input VisitSet { note: String rating: String! }
  type Mutation {
    insertVisit(values: VisitInsert!): Visit
    insertVisits(values: [VisitInsert!]!): [Visit!]
    updateVisit(pkVisit: Int!, set: VisitSet!): Visit
  }`;

export function visits(prepared) {
  const insert = prepared(
    `insert into tb_visit (fk_place, visitor, note, rating, is_public) values ($1, $2, $3, $4, $5) returning ${VISIT}`,
  );
  const insertMany = prepared(
    `insert into tb_visit (fk_place, visitor, note, rating, is_public)
       select unnest($1::int[]), unnest($2::text[]), unnest($3::text[]), unnest($4::numeric[]), unnest($5::bool[]) returning ${VISIT}`,
  );
  const update = prepared(`update tb_visit set note = $2, rating = $3 where pk_visit = $1 returning ${VISIT}`);
  const columns = ["fkPlace", "visitor", "note", "rating", "isPublic"];
  return {
    schema,
    resolvers: {
      Mutation: {
        insertVisit: async (_, { values }) => (await insert(columns.map((column) => values[column])))[0],
        insertVisits: (_, { values }) => insertMany(columns.map((column) => values.map((each) => each[column]))),
        updateVisit: async (_, { pkVisit, set }) => (await update([pkVisit, set.note, set.rating]))[0] ?? null,
      },
    },
  };
}
