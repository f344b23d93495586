/** The project's own example: countries, regions and cities of the world. */
import type { DataSet, Operation } from "./data-set.ts";
import { WRITES } from "./visits.ts";

const CITIES = 170_000;

const CITY_FIELDS = "pkCity name latitude longitude fkCountry fkRegion";
const CITY_JSON = `'{"pkCity":' || pk_city || ',"name":' || to_json(name)::text || ',"latitude":"' || latitude || '","longitude":"' || longitude
  || '","fkCountry":' || fk_country || ',"fkRegion":' || coalesce(fk_region::text, 'null') || '}'`;

const OPERATIONS: readonly Operation[] = [
  {
    name: "key",
    documents: {
      fraiseql: `query City($id: Int!) { city(pkCity: $id) { ${CITY_FIELDS} } }`,
      postgraphile: `query City($id: Int!) { city: tbCityByPkCity(pkCity: $id) { ${CITY_FIELDS} } }`,
    },
    // A step that shares no factor with the number of cities: all over the table, in an order that is no scan.
    variables: Array.from({ length: 1_000 }, (_, turn) => ({ id: 1 + ((turn * 61_813) % CITIES) })),
    statement: `select '{"data":{"city":' || coalesce((select ${CITY_JSON} from tb_city where pk_city = $1::int4), 'null') || '}}'`,
    values: (variables) => [String(variables["id"])],
  },
  {
    name: "rows100",
    documents: {
      fraiseql: `{ cities(limit: 100) { ${CITY_FIELDS} } }`,
      postgraphile: `{ cities: allTbCitiesList(first: 100) { ${CITY_FIELDS} } }`,
    },
    variables: [{}],
    statement: cityList(100),
    values: () => [],
  },
  {
    name: "nested",
    documents: {
      fraiseql: `{ countries: countryRows(limit: 20) { code name regions(limit: 5) { code name cities(limit: 5) { pkCity name latitude longitude } } } }`,
      mercurius: `{ countries(limit: 20) { code name regions(limit: 5) { code name cities(limit: 5) { pkCity name latitude longitude } } } }`,
      postgraphile: `{ countries: allTbCountriesList(first: 20) { code name
        regions: tbRegionsByFkCountryList(first: 5) { code name
          cities: tbCitiesByFkRegionList(first: 5) { pkCity name latitude longitude } } } }`,
    },
    variables: [{}],
    statement: `select '{"data":{"countries":[' || (select coalesce(string_agg(
        '{"code":' || to_json(code)::text || ',"name":' || to_json(name)::text || ',"regions":['
        || (select coalesce(string_agg('{"code":' || to_json(code)::text || ',"name":' || to_json(name)::text || ',"cities":['
          || (select coalesce(string_agg('{"pkCity":' || pk_city || ',"name":' || to_json(name)::text
            || ',"latitude":"' || latitude || '","longitude":"' || longitude || '"}', ','), '')
            from (select pk_city, name, latitude, longitude from tb_city where fk_region = r.pk_region order by pk_city limit 5) t)
          || ']}', ','), '')
          from (select pk_region, code, name from tb_region where fk_country = c.pk_country order by pk_region limit 5) r)
        || ']}', ','), '')
      from (select pk_country, code, name from tb_country order by pk_country limit 20) c) || ']}}'`,
    values: () => [],
  },
  {
    name: "page",
    documents: {
      fraiseql: `query Page($south: Decimal!) {
        cities(where: { latitude: { gte: $south } }, orderBy: [{ name: DESC }], limit: 20, offset: 40) { pkCity name latitude longitude } }`,
      mercurius: `query Page($south: String!) { cities: citiesNorthOf(south: $south, limit: 20, offset: 40) { pkCity name latitude longitude } }`,
      postgraphile: `query Page($south: BigFloat!) {
        cities: allTbCitiesList(filter: { latitude: { greaterThanOrEqualTo: $south } }, orderBy: [NAME_DESC, PK_CITY_DESC],
          first: 20, offset: 40) { pkCity name latitude longitude } }`,
    },
    variables: ["40", "45.5", "50", "55.25"].map((south) => ({ south })),
    statement: `select '{"data":{"cities":[' || (select coalesce(string_agg('{"pkCity":' || pk_city || ',"name":' || to_json(name)::text
      || ',"latitude":"' || latitude || '","longitude":"' || longitude || '"}', ','), '')
      from (select pk_city, name, latitude, longitude from tb_city where latitude >= $1::numeric
        order by name desc, pk_city desc limit 20 offset 40) t) || ']}}'`,
    values: (variables) => [String(variables["south"])],
  },
  {
    name: "aggregate",
    documents: {
      fraiseql:
        "query Count($country: Int!) { cities: citiesAggregate(where: { fkCountry: { eq: $country } }) { count } }",
      mercurius: "query Count($country: Int!) { cities: citiesCount(country: $country) { count } }",
      postgraphile:
        "query Count($country: Int!) { cities: allTbCities(condition: { fkCountry: $country }) { count: totalCount } }",
    },
    variables: Array.from({ length: 200 }, (_, turn) => ({ country: turn + 1 })),
    statement: `select '{"data":{"cities":{"count":' || (select count(*) from tb_city where fk_country = $1::int4) || '}}}'`,
    values: (variables) => [String(variables["country"])],
  },
  {
    name: "rows10000",
    isHeavy: true,
    documents: {
      fraiseql: `{ cities(limit: 10000) { ${CITY_FIELDS} } }`,
      postgraphile: `{ cities: allTbCitiesList(first: 10000) { ${CITY_FIELDS} } }`,
    },
    variables: [{}],
    statement: cityList(10_000),
    values: () => [],
  },
];

function cityList(rows: number): string {
  return `select '{"data":{"cities":[' || (select coalesce(string_agg(${CITY_JSON}, ','), '')
    from (select pk_city, name, latitude, longitude, fk_country, fk_region from tb_city order by pk_city limit ${rows}) t) || ']}}'`;
}

export const WORLD: DataSet = { name: "world", operations: [...OPERATIONS, ...WRITES] };
