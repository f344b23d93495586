-- What a catalog alone does not give: functions, computed fields, types of several members, and (by garage.ts) fields that
-- are said to be non-null although a few rows hold a null there.
CREATE TYPE colour AS ENUM ('red', 'dark blue', 'green');
CREATE TYPE part AS (name text, weight numeric, made date);

CREATE TABLE person (
  id integer PRIMARY KEY,
  name text NOT NULL,
  city text,
  boss_id integer REFERENCES person
);
INSERT INTO person
SELECT i, 'Person ' || chr(65 + i % 26), CASE WHEN i % 13 <> 0 THEN 'City ' || i % 4 END, CASE WHEN i % 4 <> 0 AND i > 1 THEN i / 2 END
FROM generate_series(1, 30) AS i;

CREATE TABLE car (
  id integer PRIMARY KEY,
  name text NOT NULL,
  price numeric(10, 2),
  colour colour,
  weight double precision,
  seats integer,
  owner_id integer REFERENCES person,
  engine part,
  parts part[],
  facts jsonb
);
INSERT INTO car
SELECT
  i,
  'Car ' || i % 9,
  CASE WHEN i % 17 <> 0 THEN i * 1000.25 END,
  CASE WHEN i % 19 <> 0 THEN (ARRAY['red', 'dark blue', 'green'])[i % 3 + 1]::colour END,
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 'NaN' ELSE i * 0.1 END,
  CASE WHEN i % 6 <> 0 THEN i % 7 END,
  CASE WHEN i % 5 <> 0 THEN 1 + i % 30 END,
  CASE WHEN i % 11 <> 0 THEN ROW('engine ' || i, CASE WHEN i % 7 <> 0 THEN i * 0.5 END, '2020-02-29')::part END,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}' ELSE ARRAY[ROW('door', 1.50, NULL), NULL, ROW(NULL, CASE WHEN i % 3 <> 0 THEN 2 END, NULL)]::part[] END,
  CASE WHEN i % 3 <> 0 THEN jsonb_build_object('n', 12345678901234567890.10 + i, 'tags', jsonb_build_array('a', NULL)) END
FROM generate_series(1, 40) AS i;

CREATE TABLE bike (
  code text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  price numeric(8, 2),
  owner_id integer REFERENCES person,
  tags text[]
);
INSERT INTO bike
SELECT 'B-' || i, 'Bike ' || i % 5, CASE WHEN i % 3 <> 0 THEN i * 10.5 END, CASE WHEN i % 14 <> 0 THEN 1 + i % 20 END, CASE WHEN i % 4 <> 0 THEN ARRAY['t' || i % 3, NULL] END
FROM generate_series(1, 25) AS i;

CREATE TABLE ride (
  id bigint PRIMARY KEY,
  car_id integer REFERENCES car,
  bike_code text COLLATE "C" REFERENCES bike,
  began timestamptz,
  km numeric
);
INSERT INTO ride
SELECT i, CASE WHEN i % 2 = 0 THEN 1 + i % 40 END, CASE WHEN i % 2 <> 0 THEN 'B-' || 1 + i % 25 END, CASE WHEN i % 23 <> 0 THEN timestamptz '2024-01-01 00:00+00' + i * interval '7 hours' END, CASE WHEN i % 9 <> 0 THEN i * 1.5 END
FROM generate_series(1, 90) AS i;

CREATE VIEW v_badge AS
SELECT person.id AS badge_id, person.id AS person_id, jsonb_build_object(
  'title', 'Badge ' || person.id,
  'level', CASE WHEN person.id % 10 <> 0 THEN person.id % 3 END,
  'place', CASE person.id % 6 WHEN 0 THEN NULL ELSE jsonb_build_object('room', CASE WHEN person.id % 7 <> 0 THEN 'R' || person.id % 5 END, 'floor', person.id % 2) END,
  'doors', CASE person.id % 5 WHEN 0 THEN NULL ELSE jsonb_build_array(jsonb_build_object('code', 'd' || person.id, 'open', true), jsonb_build_object('code', CASE WHEN person.id % 2 = 0 THEN 'e' END, 'open', false)) END
) AS data
FROM person;

CREATE FUNCTION car_label(car) RETURNS text STABLE LANGUAGE sql AS $$ SELECT $1.name || ' (' || $1.colour::text || ')' $$;
CREATE FUNCTION car_worth(car) RETURNS numeric STABLE LANGUAGE sql AS $$ SELECT $1.price / nullif($1.seats, 0) $$;

-- Rows in an order of their own, by which the pages are cut where none is asked for.
CREATE FUNCTION fn_cars_over(lowest numeric DEFAULT 5000, only_colour colour DEFAULT NULL) RETURNS SETOF car STABLE LANGUAGE sql AS $$
  SELECT * FROM car WHERE price > lowest AND (only_colour IS NULL OR colour = only_colour) ORDER BY price DESC, id
$$;
CREATE FUNCTION fn_rides_since(since timestamptz DEFAULT '2024-01-10 00:00+00', at_most integer DEFAULT 20) RETURNS SETOF ride STABLE LANGUAGE sql AS $$
  SELECT * FROM ride WHERE began >= since ORDER BY began, id LIMIT at_most
$$;
CREATE FUNCTION fn_person_called(called text) RETURNS person STABLE LANGUAGE sql AS $$
  SELECT person FROM person WHERE name = called ORDER BY id LIMIT 1
$$;
CREATE FUNCTION fn_share(part_of integer, whole integer DEFAULT 7) RETURNS numeric IMMUTABLE LANGUAGE sql AS $$
  SELECT round(part_of::numeric / nullif(whole, 0), 3)
$$;
CREATE FUNCTION fn_greeting(who text DEFAULT 'you', loud boolean DEFAULT false) RETURNS text IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE WHEN loud THEN upper('hello ' || who) ELSE 'hello ' || who END
$$;
CREATE FUNCTION fn_cities() RETURNS text[] STABLE LANGUAGE sql AS $$ SELECT array_agg(DISTINCT city ORDER BY city) FROM person $$;
