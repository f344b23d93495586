const CITY = `pk_city as "pkCity", name, latitude, longitude, fk_country as "fkCountry", fk_region as "fkRegion"`;

const schema = `
  type City { pkCity: Int! name: String! latitude: String! longitude: String! fkCountry: Int! fkRegion: Int }
  type Region { pkRegion: Int! code: String! name: String! cities(limit: Int!): [City!]! }
  type Country { pkCountry: Int! code: String! name: String! regions(limit: Int!): [Region!]! }
  type Counted { count: Int! }
  type Query {
    city(pkCity: Int!): City
    cities(limit: Int!): [City!]!
    citiesNorthOf(south: String!, limit: Int!, offset: Int!): [City!]!
    citiesCount(country: Int!): Counted!
    countries(limit: Int!): [Country!]!
  }`;

export function api(prepared, batched) {
  const cityByKey = prepared(`select ${CITY} from tb_city where pk_city = $1`);
  const cities = prepared(`select ${CITY} from tb_city order by pk_city limit $1`);
  const citiesNorthOf = prepared(
    `select ${CITY} from tb_city where latitude >= $1 order by name desc, pk_city desc limit $2 offset $3`,
  );
  const citiesCount = prepared(`select count(*)::int as count from tb_city where fk_country = $1`);
  const countries = prepared(
    `select pk_country as "pkCountry", code, name from tb_country order by pk_country limit $1`,
  );
  const regionsOfCountries = prepared(
    `select parent, r.* from unnest($1::int[]) as parent cross join lateral (
       select pk_region as "pkRegion", code, name from tb_region where fk_country = parent order by pk_region limit $2) r`,
  );
  const citiesOfRegions = prepared(
    `select parent, c.* from unnest($1::int[]) as parent cross join lateral (
       select ${CITY} from tb_city where fk_region = parent order by pk_city limit $2) c`,
  );
  return {
    schema,
    resolvers: {
      Query: {
        city: async (_, { pkCity }) => (await cityByKey([pkCity]))[0] ?? null,
        cities: (_, { limit }) => cities([limit]),
        citiesNorthOf: (_, { south, limit, offset }) => citiesNorthOf([south, limit, offset]),
        citiesCount: async (_, { country }) => (await citiesCount([country]))[0],
        countries: (_, { limit }) => countries([limit]),
      },
    },
    loaders: {
      Country: { regions: batched(regionsOfCountries, "pkCountry") },
      Region: { cities: batched(citiesOfRegions, "pkRegion") },
    },
  };
}
