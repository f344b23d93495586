/** A row that no reader of events takes must not keep the events after it from being decided on. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openOutbox } from "../../src/adapters/postgres/outbox/outbox.ts";
import { eventOutcomes } from "../support/event-outcomes.ts";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";

let home: MigratedDatabase;
beforeAll(async () => {
  home = await migratedDatabase("deep_events");
  await home.sql.unsafe(`
    create table public.note (id int primary key, data jsonb, text text);
    select fraiseql.capture('public.note');`);
});
afterAll(() => home.drop());

const LEVELS = 600;
const DEEP = `${"[".repeat(LEVELS)}12345678901234567890${"]".repeat(LEVELS)}`;

test("one whose JSON is too deep to be read is refused, on the bus or too large for it, and those behind it decided on", async () => {
  await home.sql`insert into public.note values (1, ${DEEP}::text::jsonb, 'short')`;
  await home.sql`insert into public.note values (2, ${DEEP}::text::jsonb, repeat('long', 100000))`;
  await home.sql`insert into public.note values (3, '1', 'plain')`;
  expect(await eventOutcomes(home.url, 3)).toEqual([
    [1, "JSON is nested deeper than 512"],
    [2, "the rows of the event nest too deep"],
    [3, "decided"],
  ]);
}, 30_000);

test("operators see it among the others, without its rows", async () => {
  const outbox = openOutbox(home.sql);
  const events = await outbox.latest({ limit: 10 });
  expect(events.map(({ key, spilled, after }) => [key, spilled, after?.["text"]])).toEqual([
    ["[3]", false, "plain"],
    ["[2]", true, undefined],
    ["[1]", true, undefined],
  ]);
  expect(await outbox.event(events[1]?.id ?? "")).toMatchObject({
    key: "[2]",
    spilled: true,
    before: null,
    after: null,
  });
});
