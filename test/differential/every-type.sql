-- Every type of column with nulls, ends of ranges and text that is hard to quote; relations of every kind.
CREATE EXTENSION IF NOT EXISTS citext;
CREATE SCHEMA other;

CREATE TYPE mood AS ENUM ('happy', 'very sad', 'O''Reilly', 'quote"d', 'back\slash', 'ünï', 'null', '1st');
CREATE TYPE plain AS ENUM ('zeta', 'alpha', 'mid');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN label AS varchar(40);
CREATE DOMAIN moods AS mood[];
CREATE DOMAIN usual AS plain;
CREATE DOMAIN usual_here AS usual;
CREATE TYPE place AS (street text, number integer, founded date, "odd ""name" numeric);
CREATE TYPE shop AS (name text, at place, open tsrange, tags text[]);

CREATE TABLE everything (
  id integer PRIMARY KEY,
  parent_id integer REFERENCES everything,
  "small" smallint,
  big bigint,
  exact numeric,
  money2 numeric(10, 2) NOT NULL,
  single real,
  double double precision,
  flag boolean,
  words text,
  plain_c text COLLATE "C",
  short varchar(12),
  padded char(8),
  folded citext,
  ident name,
  token uuid NOT NULL UNIQUE,
  instant timestamptz,
  local timestamp,
  day date,
  clock time,
  zoned timetz,
  span interval,
  doc jsonb,
  raw json,
  bytes bytea,
  address inet,
  net cidr,
  mac macaddr,
  mac8 macaddr8,
  feeling mood,
  kind plain NOT NULL,
  feelings mood[],
  numbers integer[],
  names text[],
  times timestamptz[],
  positive positive,
  label label,
  moods moods,
  usual usual_here,
  home place,
  shop shop,
  homes place[],
  ints int4range,
  stay tstzrange,
  stays tstzrange[],
  days daterange,
  prices money,
  bits bit(4),
  spot point,
  found tsvector,
  letter "char",
  "select" text,
  "nodeId" text,
  "and" integer,
  "quote""d col" text,
  "naïve $1 'x'" integer
);

INSERT INTO everything
SELECT
  i,
  CASE WHEN i > 3 AND i % 4 <> 0 THEN i / 3 END,
  CASE WHEN i % 5 <> 0 THEN (ARRAY[0, -32768, 32767, 7, 7])[i % 5 + 1] END,
  CASE WHEN i % 6 <> 0 THEN (ARRAY[0, 9223372036854775807, -9223372036854775808, 9007199254740993, 12])[i % 5 + 1] END,
  CASE i % 9 WHEN 0 THEN NULL WHEN 1 THEN 'NaN' WHEN 2 THEN 12345678901234567890.123456789012345678901234567890 WHEN 3 THEN -0.000000000000000000001 ELSE i * 1.25 END,
  (i * 37 % 100) / 4.0,
  CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN 'NaN' WHEN 2 THEN '-Infinity' ELSE i * 0.5 END,
  CASE i % 8 WHEN 0 THEN NULL WHEN 1 THEN 'Infinity' WHEN 2 THEN 1e100 WHEN 3 THEN 5e-324 ELSE i * 0.25 END,
  CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN true ELSE false END,
  (ARRAY[NULL, '', 'plain', 'O''Reilly "said" \ so', E'line\nfeed\ttab\rback\x08\x0c\x01\x1f\x7f', '100% _sure_', 'Ünïcödé 😀 ẞß', '$1 $$ /* no */ -- comment;', E'\u2028\u2029', 'ZEBRA', 'zebra', 'éclair', 'eclair', '</script>'])[i % 14 + 1],
  (ARRAY[NULL, 'b', 'B', 'a', 'A', 'ä', '_', '10', '9'])[i % 9 + 1],
  (ARRAY[NULL, 'short', 'Short', 'a b', '%'])[i % 5 + 1],
  (ARRAY[NULL, 'ab', 'AB ', 'abcdefgh', ''])[i % 5 + 1],
  (ARRAY[NULL, 'Mixed', 'other', 'Straße', '%x_'])[i % 5 + 1],
  (ARRAY[NULL, 'a_name', 'b', 'Name'])[i % 4 + 1],
  md5(i::text)::uuid,
  CASE i % 8 WHEN 0 THEN NULL WHEN 1 THEN 'infinity' WHEN 2 THEN '-infinity' WHEN 3 THEN '1999-12-31 23:59:59.999999-02' ELSE timestamptz '2024-01-29 22:30:00.5+00' + i * interval '9 days 5 hours' END,
  CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN 'infinity' ELSE timestamp '2023-12-28 11:22:33' + i * interval '13 days 1 minute' END,
  CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN '-infinity' ELSE date '2024-02-25' + i * 11 END,
  CASE WHEN i % 6 <> 0 THEN time '00:00:00' + i * interval '37 minutes 1.25 seconds' END,
  CASE i % 6 WHEN 0 THEN NULL WHEN 1 THEN '12:30:00+02' WHEN 2 THEN '12:30:00-03:30' WHEN 3 THEN '23:59:59.5+00' ELSE '01:00:00+13' END::timetz,
  CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN interval '1 year 2 months -3 days 04:05:06.789' WHEN 2 THEN interval '-5 minutes' WHEN 3 THEN interval '0' ELSE i * interval '1 day 1 second' END,
  CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN 'null' WHEN 2 THEN '{"a": 1, "b": [1, "x", null], "quo\"te": {"$ref": "y\\z"}}' WHEN 3 THEN '["a", "b", 3]' WHEN 4 THEN '"text"' WHEN 5 THEN '12.5' ELSE '{"a": 2, "tags": ["x", "y"]}' END::jsonb,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '{"z":1,  "a":[true,false]}' WHEN 2 THEN 'null' ELSE '[1,2]' END::json,
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN '\x' ELSE decode(repeat(md5(i::text), i % 4), 'hex') END,
  (ARRAY[NULL, '192.0.2.1', '192.0.2.1/24', '2001:db8::1', '::ffff:1.2.3.4', '10.0.0.0/8'])[i % 6 + 1]::inet,
  (ARRAY[NULL, '192.0.2.0/24', '10.0.0.0/8', '2001:db8::/32'])[i % 4 + 1]::cidr,
  (ARRAY[NULL, '08:00:2b:01:02:03', '08:00:2b:01:02:04'])[i % 3 + 1]::macaddr,
  (ARRAY[NULL, '08:00:2b:01:02:03:04:05'])[i % 2 + 1]::macaddr8,
  (ARRAY[NULL, 'happy', 'very sad', 'O''Reilly', 'quote"d', 'back\slash', 'ünï', 'null', '1st'])[i % 9 + 1]::mood,
  (ARRAY['zeta', 'alpha', 'mid'])[i % 3 + 1]::plain,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN ARRAY['very sad', NULL, 'O''Reilly'] ELSE ARRAY['1st', 'happy'] END::mood[],
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN ARRAY[1, NULL, 3] WHEN 3 THEN ARRAY[i, i, -i] ELSE ARRAY[1, 2] END,
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN ARRAY['a,b', 'c"d', 'e\f', '', 'NULL', NULL, '{x}'] WHEN 3 THEN '{{a,b},{c,d}}' ELSE ARRAY['one', E'two\nlines'] END,
  CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN ARRAY['2024-05-05 05:05:05+00', NULL, 'infinity'] ELSE '{}' END::timestamptz[],
  CASE WHEN i % 3 <> 0 THEN i END,
  (ARRAY[NULL, 'first', 'Second', 'x''y'])[i % 4 + 1],
  CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN '{}' ELSE ARRAY['happy', 'null'] END::mood[],
  (ARRAY[NULL, 'zeta', 'alpha', 'mid'])[i % 4 + 1]::plain,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN ROW(NULL, NULL, NULL, NULL)::place WHEN 2 THEN ROW('Main "St", 1 (a)', 5, '2020-02-29', 1.50)::place ELSE ROW('', i, NULL, -2)::place END,
  CASE i % 4 WHEN 0 THEN NULL ELSE ROW('shop \ ' || i, CASE i % 3 WHEN 0 THEN NULL ELSE ROW('in, ner', 1, '2001-01-01', NULL)::place END, '[2024-01-01 10:00,2024-01-01 18:00)', '{a,"b c"}')::shop END,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN ARRAY[ROW('a', 1, NULL, 2)::place, NULL, ROW(NULL, NULL, NULL, NULL)::place] ELSE ARRAY[ROW('x "y"', 2, '2024-01-01', 0.10)::place] END,
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 'empty' WHEN 2 THEN '(,5]' WHEN 3 THEN '[1,)' ELSE int4range(i, i + 3) END::int4range,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '(,)' WHEN 2 THEN '["2024-01-01 00:00+01","2024-02-01 00:00+00")' ELSE '[2024-03-03 03:03:03+00,infinity]' END::tstzrange,
  CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN ARRAY['empty', NULL, '[2024-01-01 00:00+00,)']::tstzrange[] ELSE '{}' END,
  CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN '[2024-01-01,2024-01-31]' ELSE '[infinity,)' END::daterange,
  CASE WHEN i % 3 <> 0 THEN (i * 1.5)::numeric::money END,
  CASE WHEN i % 3 <> 0 THEN i::bit(4) END,
  CASE WHEN i % 3 <> 0 THEN point(i, -i) END,
  CASE WHEN i % 3 <> 0 THEN to_tsvector('simple', 'cat''s "dog" ' || i) END,
  CASE WHEN i % 3 <> 0 THEN chr(64 + i % 26) END::"char",
  'reserved ' || i % 3,
  'own ' || i % 4,
  i % 5,
  CASE WHEN i % 2 = 0 THEN 'q' || i % 6 END,
  i % 7
FROM generate_series(1, 60) AS i;

CREATE TABLE other.tag (
  name text COLLATE "C" NOT NULL,
  since date NOT NULL,
  weight numeric(6, 2),
  PRIMARY KEY (name, since)
);
INSERT INTO other.tag SELECT 'tag ' || chr(97 + i % 5), date '2024-01-01' + i % 3, CASE WHEN i % 4 <> 0 THEN i * 0.25 END FROM generate_series(1, 15) AS i;

CREATE TABLE tagging (
  everything_id integer NOT NULL REFERENCES everything,
  tag_name text NOT NULL,
  tag_since date NOT NULL,
  PRIMARY KEY (everything_id, tag_name, tag_since),
  FOREIGN KEY (tag_name, tag_since) REFERENCES other.tag
);
INSERT INTO tagging SELECT DISTINCT 1 + i * 7 % 50, name, since FROM generate_series(1, 120) AS i JOIN (SELECT *, row_number() OVER (ORDER BY name, since) AS n FROM other.tag) AS tag ON n = 1 + i % 15;

-- A composite foreign key with a part that may be null: such a row has no tag.
CREATE TABLE note (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  everything_id integer REFERENCES everything,
  replaces_id bigint UNIQUE REFERENCES note,
  tag_name text,
  tag_since date,
  body text,
  at timestamptz,
  FOREIGN KEY (tag_name, tag_since) REFERENCES other.tag
);
INSERT INTO note (everything_id, replaces_id, tag_name, tag_since, body, at)
SELECT
  CASE WHEN i % 5 <> 0 THEN 1 + i * 3 % 20 END,
  CASE WHEN i % 3 = 0 THEN i - 1 END,
  CASE WHEN i % 4 <> 0 THEN 'tag ' || chr(97 + i % 5) END,
  CASE WHEN i % 6 <> 0 THEN date '2024-01-01' + i % 3 END,
  (ARRAY[NULL, 'note', 'Note', 'other "note"', ''])[i % 5 + 1],
  CASE WHEN i % 4 <> 0 THEN timestamptz '2024-03-30 23:00+00' + i * interval '7 hours' END
FROM generate_series(1, 90) AS i
WHERE (i % 4 = 0 OR i % 6 = 0 OR EXISTS (SELECT FROM other.tag WHERE name = 'tag ' || chr(97 + i % 5) AND since = date '2024-01-01' + i % 3));

-- Documents, with a table they are made from and without one.
CREATE TABLE tb_item (
  pk_item integer PRIMARY KEY,
  title text NOT NULL,
  fk_note bigint REFERENCES note,
  price numeric(8, 2),
  stock integer,
  kind plain,
  made date
);
INSERT INTO tb_item
SELECT i, 'Item ' || i % 11, CASE WHEN i % 3 <> 0 THEN 1 + i % 30 END, CASE WHEN i % 5 <> 0 THEN i * 2.25 END, CASE WHEN i % 4 <> 0 THEN i % 6 END, (ARRAY['zeta', 'alpha', NULL])[i % 3 + 1]::plain, date '2024-01-01' + i
FROM generate_series(1, 40) AS i;
CREATE VIEW v_item AS
SELECT pk_item, fk_note, jsonb_build_object(
  'title', title,
  'price', price,
  'stock', stock,
  'kind', kind,
  'made', made,
  'size', CASE pk_item % 3 WHEN 0 THEN NULL ELSE jsonb_build_object('width', pk_item * 1.5, 'unit "of"', 'cm', 'deep', jsonb_build_object('flag', pk_item % 2 = 0)) END,
  'parts', CASE pk_item % 4 WHEN 0 THEN NULL WHEN 1 THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_object('name', 'p' || pk_item % 3, 'count', pk_item), jsonb_build_object('name', NULL, 'count', 2)) END,
  'labels', CASE pk_item % 3 WHEN 0 THEN NULL ELSE jsonb_build_array('a', 'l' || pk_item % 4, NULL) END,
  'it''s', 'o''clock ' || pk_item % 2
) AS data
FROM tb_item;

-- Keys of types whose text forms differ from place to place, and rows that are found by them.
CREATE TABLE odd_key (
  code char(4),
  at timestamptz,
  ok boolean,
  feeling mood,
  address inet,
  bytes bytea,
  amount numeric,
  PRIMARY KEY (code, at, ok, feeling, address, bytes)
);
INSERT INTO odd_key SELECT
  (ARRAY['a', 'ab', 'ABCD'])[i % 3 + 1],
  (ARRAY['infinity', '2024-01-01 00:00:00.25+00'])[i % 2 + 1]::timestamptz,
  i % 2 = 0,
  (ARRAY['very sad', 'O''Reilly', 'null', 'back\slash'])[i % 4 + 1]::mood,
  (ARRAY['10.0.0.1', '10.0.0.0/8', '::1'])[i % 3 + 1]::inet,
  decode(md5((i / 4)::text), 'hex'),
  CASE WHEN i % 3 <> 0 THEN i * 1.5 END
FROM generate_series(1, 24) AS i;
CREATE TABLE padded_code (code char(5) PRIMARY KEY, note text);
INSERT INTO padded_code VALUES ('a', 'first'), ('bb', NULL), ('ccccc', 'third');
-- No primary key, but a key; and a reference to a padded text.
CREATE TABLE padded_use (number integer NOT NULL UNIQUE, code char(5) REFERENCES padded_code, rating numeric(4, 1));
INSERT INTO padded_use SELECT i, (ARRAY['a', 'bb', 'ccccc', NULL])[i % 4 + 1], CASE WHEN i % 5 <> 0 THEN i * 0.5 END FROM generate_series(1, 20) AS i;

CREATE VIEW keyless AS SELECT words, "small", flag FROM everything WHERE id < 20;
CREATE MATERIALIZED VIEW totals AS SELECT kind, count(*) AS rows, sum(money2) AS total FROM everything GROUP BY kind;
