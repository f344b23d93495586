import { afterAll, beforeAll, expect, test } from "bun:test";
import { openLeases } from "../../../../src/adapters/postgres/leases/leases.ts";
import type { Leases } from "../../../../src/ports/leases.ts";
import { type MigratedDatabase, migratedDatabase } from "../../../support/migrated.ts";

const LONG_MS = 60_000;

let database: MigratedDatabase;
let leases: Leases;
beforeAll(async () => {
  database = await migratedDatabase("leases");
  leases = openLeases(database.sql);
});
afterAll(() => database.drop());

/** As if its time had passed. */
const expire = (name: string) =>
  database.sql`update fraiseql.leases set expires_at = clock_timestamp() - interval '1 second' where name = ${name}`;

test("a free lease is taken, by one of many that ask at once", async () => {
  const asking = Array.from({ length: 8 }, (_, at) => leases.take("one", `holder ${at}`, LONG_MS));
  expect((await Promise.all(asking)).filter((lease) => lease !== undefined)).toHaveLength(1);
});

test("a holder that asks again has the same lease, with the same fence", async () => {
  const first = await leases.take("again", "a", LONG_MS);
  expect(await leases.take("again", "a", LONG_MS)).toEqual(first);
});

test("a lease that is over goes to the next, with a higher fence, and its old holder can neither renew nor release it", async () => {
  const first = await leases.take("over", "a", LONG_MS);
  await expire("over");
  const second = await leases.take("over", "b", LONG_MS);
  expect([first?.fence, second?.fence]).toEqual([1, 2]);
  expect(await leases.renew(first!, LONG_MS)).toBe(false);
  await leases.release(first!);
  expect(await leases.renew(second!, LONG_MS)).toBe(true);
});

test("who comes back to a lease that was over has a new fence: others may have been at it", async () => {
  const first = await leases.take("back", "a", LONG_MS);
  await expire("back");
  expect(await leases.renew(first!, LONG_MS)).toBe(false);
  expect((await leases.take("back", "a", LONG_MS))?.fence).toBe(2);
});

test("a released lease is free at once", async () => {
  const first = await leases.take("free", "a", LONG_MS);
  await leases.release(first!);
  expect(await leases.take("free", "b", LONG_MS)).toEqual({ name: "free", holder: "b", fence: 2 });
});

test("leases are counted by the beginning of their names while they are held", async () => {
  await leases.take("worker:a", "a", LONG_MS);
  await leases.take("worker:b", "b", LONG_MS);
  await leases.take("work%", "c", LONG_MS);
  expect(await leases.count("worker:")).toBe(2);
  await expire("worker:a");
  expect(await leases.count("worker:")).toBe(1);
});
