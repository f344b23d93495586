-- How high the sun stands over Tromsø, for every minute of 2024 and 2025: 1,052,640 rows. Computed, not measured, by
-- NOAA's general solar position equations: https://gml.noaa.gov/grad/solcalc/solareqns.PDF

CREATE TABLE sun_height (
  at timestamptz PRIMARY KEY,
  altitude real NOT NULL
);
COMMENT ON TABLE sun_height IS 'How high the sun stands over Tromsø, by the minute.';
COMMENT ON COLUMN sun_height.altitude IS 'Degrees above the horizon, below it negative.';

-- What changes slowly is taken once for each day, at noon.
WITH days AS MATERIALIZED (
  SELECT day,
    229.18 * (0.000075 + 0.001868 * cos(angle) - 0.032077 * sin(angle)
      - 0.014615 * cos(2 * angle) - 0.040849 * sin(2 * angle)) AS equation_of_time,
    0.006918 - 0.399912 * cos(angle) + 0.070257 * sin(angle) - 0.006758 * cos(2 * angle)
      + 0.000907 * sin(2 * angle) - 0.002697 * cos(3 * angle) + 0.00148 * sin(3 * angle) AS declination
  FROM generate_series(timestamptz '2024-01-01 00:00Z', timestamptz '2025-12-31 00:00Z', interval '24 hours') AS each(day)
  CROSS JOIN LATERAL (
    SELECT 2 * pi() / 365 * (extract(doy FROM day AT TIME ZONE 'UTC') - 1)::float8
  ) AS turned(angle)
), sky AS MATERIALIZED (
  SELECT day, equation_of_time + 4 * 18.956::float8 AS offset_minutes,
    sin(radians(69.6496)) * sin(declination) AS constant, cos(radians(69.6496)) * cos(declination) AS swing
  FROM days
)
INSERT INTO sun_height (at, altitude)
SELECT day + make_interval(mins => minute),
  degrees(asin(constant + swing * cosd((minute + offset_minutes) / 4 - 180)))
FROM sky CROSS JOIN generate_series(0, 1439) AS minutes(minute);

ANALYZE sun_height;
