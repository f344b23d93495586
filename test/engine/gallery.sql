-- A small museum: every kind of source, relation and value the engine knows, with few rows, so that answers can be checked by eye.

CREATE TYPE technique AS ENUM ('oil', 'water-colour', '3d print', 'true', '');
CREATE TYPE dimensions AS (width_mm integer, height_mm integer, note text);
CREATE DOMAIN inventory_code AS text CHECK (VALUE ~ '^[A-Z]{2}-[0-9]+$');

CREATE TABLE artist (
  artist_id integer PRIMARY KEY,
  name text NOT NULL,
  born date,
  movement text,
  mentor_id integer REFERENCES artist
);
COMMENT ON TABLE artist IS 'Someone who made works.';

CREATE TABLE room (
  room_id integer PRIMARY KEY,
  name text NOT NULL,
  floor smallint NOT NULL,
  -- Nobody keeps two rooms; some rooms have no keeper.
  keeper_id integer UNIQUE REFERENCES artist
);

CREATE TABLE work (
  work_id integer PRIMARY KEY,
  code inventory_code NOT NULL UNIQUE,
  title text NOT NULL,
  artist_id integer REFERENCES artist,
  technique technique,
  price numeric(12, 2),
  weight_kg double precision,
  tags text[] NOT NULL DEFAULT '{}',
  size dimensions,
  versions dimensions[],
  facts jsonb,
  on_show daterange,
  acquired timestamptz
);
CREATE INDEX ON work (artist_id);

CREATE TABLE hanging (
  work_id integer REFERENCES work,
  room_id integer REFERENCES room,
  since date NOT NULL,
  PRIMARY KEY (work_id, room_id)
);

-- Two spellings of one address are the same address.
CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE DOMAIN postal_code AS varchar(8) COLLATE caseless;
CREATE TABLE visitor (
  visitor_id integer PRIMARY KEY,
  email text COLLATE caseless NOT NULL UNIQUE,
  postal_code postal_code
);
INSERT INTO visitor VALUES (1, 'Ada@example.org', 'ab1'), (2, 'boris@example.org', 'AB1'), (3, 'BEA@example.net', NULL);

INSERT INTO artist VALUES
  (1, 'Ada', '1815-12-10', 'early', NULL),
  (2, 'Boris', NULL, 'late', 1),
  (3, 'Chloé', '1900-01-01', NULL, 1),
  (4, 'Dmitri', '1900-01-01', 'late', 3);
INSERT INTO room VALUES (1, 'East', 0, 2), (2, 'West', 1, NULL), (3, 'Attic', 2, NULL);
INSERT INTO work VALUES
  (1, 'AA-1', 'Bridge', 1, 'oil', 100.10, 1.5, '{red,blue}', '(10,20,framed)', ARRAY['(1,2,a)', NULL, '(3,,)']::dimensions[], '{"year": 1840, "loans": ["Bern"], "by": {"hand": true}}', '[1850-01-01,1860-01-01)', '1841-03-04 12:00:00.25+01'),
  (2, 'AA-2', 'bridge at night', 1, 'water-colour', NULL, 'NaN', '{}', NULL, '{}', 'null', 'empty', NULL),
  (3, 'BB-1', '100% Sure_thing\', 2, '3d print', 100.10, NULL, '{red,NULL}', '(,,)', NULL, '[1, "year"]', '(,2020-01-01]', 'infinity'),
  (4, 'BB-2', 'Études', 3, 'true', -5, 'Infinity', '{blue}', '(7,8,"a ""quoted"", note")', NULL, '{"year": null}', NULL, '2020-06-30 23:59:59.999999+00'),
  (5, 'CC-1', 'Nobody''s', NULL, '', 99999999.99, 0, '{red,blue,green}', NULL, NULL, NULL, '[2024-02-29,)', '2020-06-01 00:00:00+00'),
  (6, 'CC-2', 'Bridge', NULL, NULL, NULL, -0.5, '{}', NULL, NULL, '{}', NULL, NULL);
INSERT INTO hanging VALUES (1, 1, '2001-01-01'), (1, 2, '2002-01-01'), (2, 1, '2003-01-01'), (4, 2, '2001-01-01');

-- Documents: an object, a list of objects, and values of several scalars inside of JSON.
CREATE VIEW v_artist_card AS
SELECT
  artist.artist_id,
  artist.movement,
  jsonb_build_object(
    'name', artist.name,
    'lived', jsonb_build_object('from', artist.born),
    'works', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('title', work.title, 'price', work.price, 'tags', work.tags) ORDER BY work.work_id), '[]')
      FROM work
      WHERE work.artist_id = artist.artist_id
    )
  ) AS data
FROM artist;

CREATE FUNCTION work_label(work) RETURNS text STABLE LANGUAGE sql AS $$ SELECT $1.code || ': ' || $1.title $$;
COMMENT ON FUNCTION work_label IS 'What stands on the sign beside it.';
CREATE FUNCTION fn_works_over(min_price numeric, only_technique technique DEFAULT NULL)
RETURNS SETOF work STABLE LANGUAGE sql AS $$
  SELECT * FROM work WHERE price > min_price AND (only_technique IS NULL OR technique = only_technique)
$$;
CREATE FUNCTION fn_work_titled(title text) RETURNS work STABLE LANGUAGE sql AS $$
  SELECT work FROM work WHERE work.title = $1 ORDER BY work_id LIMIT 1
$$;
-- Rows whose key is null although the table's is not: what a function returns is held to no constraint.
CREATE FUNCTION fn_blank_artists() RETURNS SETOF artist STABLE LANGUAGE sql AS $$
  SELECT NULL::integer, 'blank', NULL::date, NULL::text, NULL::integer UNION ALL SELECT * FROM artist WHERE artist_id = 1
$$;
CREATE FUNCTION fn_sum3(integer, integer DEFAULT 10, integer DEFAULT 100) RETURNS integer IMMUTABLE LANGUAGE sql AS $$
  SELECT $1 + $2 + $3
$$;
CREATE FUNCTION fn_greeting(name text DEFAULT 'you', shout boolean DEFAULT false) RETURNS text IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE WHEN shout THEN upper('hello ' || name) ELSE 'hello ' || name END
$$;
CREATE FUNCTION fn_price_bands(step numeric DEFAULT 100) RETURNS TABLE (band numeric, works bigint) STABLE LANGUAGE sql AS $$
  SELECT floor(price / step) * step, count(*) FROM work WHERE price IS NOT NULL GROUP BY 1 ORDER BY 1
$$;
CREATE FUNCTION fn_all_tags() RETURNS text[] STABLE LANGUAGE sql AS $$
  SELECT array_agg(DISTINCT tag ORDER BY tag) FROM work, unnest(tags) AS tag
$$;
