/** Rows for every table of `NASTY_SCHEMA` that says something by them. */
export const NASTY_ROWS = `
insert into "weird ""table"" name" ("id", "select", "2fast", "日本", "!!", " ", "a b", "Name", "name")
  values (1, 'select', 2, 'jp', 'bang', 'blank', 'a b', 'Upper', 'lower');
insert into film values (1), (2);
insert into films values (3);
insert into sales.film values (1, 1), (2, null);
insert into every_type (i2, i4, i8, n, f4, f8, b, t, vc, ch, ct, nm, u, tz, ts, d, tm, ttz, iv, js, jb, by, ip, ci, ma, tv, pt, mo, bits, x, onechar,
    e, es, p, rt, g, gs, ps, c, cs, nn, r, rs, mr, dr, fs, tr, m2, f8n)
  values (1, 2, 9007199254740993, 1.50, 1.5, 'NaN', true, 'x', 'abc', 'ab', 'Ci', 'nm', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    '2020-01-01 00:00:00+02', '2020-01-01', '2020-01-01', '12:00', '12:00+02', '1 day', '{"a": 1}', '[1, null]', '\\xdeadbeef', '10.0.0.1',
    '10.0.0.0/8', '08:00:2b:01:02:03', 'a b', '(1,2)', 12.5, '101', '<a/>', 'c', 'PG-13', '{"NC-17",NULL,""}', 5, 'r', '{1,NULL,3}', null, '{5}',
    row(1.5, null, 2.25, '1st')::point3, array[row(1, 2, 3, null)::point3, null], null, '[1,5)', array['[1,2)'::int4range, 'empty'::int4range],
    '{[1,2),[5,6)}', '[2020-01-01,)', '[0.5,1.5]', row(1)::film, '{{1,2},{3,4}}', 'Infinity'),
  (null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
    null, null, null, null, null, null, null, null, '+', null, null, 'r', null, null, null, null, null, null, null, null, null, null, null, null, '{}', 0);
insert into key_types values ('[1,2)', 'u1', null, 0), ('[2,3)', 'u2', 'v', 1);
insert into key_float values (1.5, '{1}'), (-0.1, '{2}');
insert into person values (1, null, 'Ada'), (2, 1, 'Bob'), (3, 1, '');
insert into friendship values (1, 2, '2020-01-01'), (1, 3, null), (2, 1, null);
insert into tenant values (1), (2);
insert into author values (1, 1, 'x'), (2, 1, 'y');
insert into doc values (1, 1, 1, null), (1, 2, 1, 1), (2, 1, 1, 1);
insert into tag values (1, 7), (2, 7);
insert into doc_tag values (1, 1, 7), (2, 1, 7);
insert into profile values (1, 'bio');
insert into country values ('CH', 'Switzerland');
insert into address values (1, 'CH', 'CH');
insert into secret values (1, 'CH');
insert into to_secret values (1, 1);
insert into event values (1, '2020-05-05');
insert into event_note values (1, 1, '2020-05-05'), (2, null, null);
insert into city values (1, 'Bern');
insert into capital values (1, 'Bern too', 'BE');
insert into no_keys values (1, 'x'), (1, 'x');
refresh materialized view a_matview;
`;
