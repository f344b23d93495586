/** Which field a violation is about, where PostgreSQL names no constraint of the table: domains and partitions. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Served, serve } from "./served.ts";

let api: Served;
beforeAll(async () => {
  api = await serve(
    "named_violations",
    `create domain weight as numeric check (value > 0);
     create domain fine_weight as weight check (value < 1000);
     create domain label as text check (value <> '');
     create domain size as int check (value > 0);
     create domain given as text not null;
     create table box (
       id int primary key, weight weight, fine fine_weight, labels label[], width size, height size, given given default 'x'
     );
     insert into box (id) values (1);
     create table weighed (id int primary key, grams weight);
     create function weigh() returns trigger language plpgsql as
       $$ begin insert into weighed values (new.id, -1); return new; end $$;
     create table parcel (id int primary key, weight weight);
     create trigger weigh before insert on parcel for each row execute function weigh();
     create table sale ("Sale Day" date, shop text, id int, primary key ("Sale Day", shop, id))
       partition by range ("Sale Day", shop);
     create table sale_2026 partition of sale for values from ('2026-01-01', 'a') to ('2027-01-01', 'a');
     insert into sale values ('2026-05-01', 'b', 1)`,
  );
});
afterAll(() => api.close());

test.each([
  ["a domain that one column has", "updateBox(id: 1, set: { fine: 2000 }) { id }", ["fine"], "fine_weight_check"],
  ["elements of a domain", 'updateBox(id: 1, set: { labels: ["a", ""] }) { id }', ["labels"], "label_check"],
  ["a domain that two columns have", "updateBox(id: 1, set: { width: 0, height: 1 }) { id }", [], "size_check"],
  ["a domain below that of a column beside it", "updateBox(id: 1, set: { weight: -1 }) { id }", [], "weight_check"],
  ["a domain of another table", "insertParcel(values: { id: 1, weight: 5 }) { id }", [], "weight_check"],
  ["the domain of the one column", "insertParcel(values: { id: 1, weight: -5 }) { id }", ["weight"], "weight_check"],
  [
    "a row without a partition",
    'insertSale(values: { saleDay: "2030-01-01", shop: "c", id: 2 }) { id }',
    ["saleDay", "shop"],
    undefined,
  ],
  [
    "a row that would leave its partition for none",
    'updateSale(saleDay: "2026-05-01", shop: "b", id: 1, set: { saleDay: "2025-01-01" }) { id }',
    ["saleDay", "shop"],
    undefined,
  ],
])("%s", async (_, field, fields, constraint) => {
  const { errors } = await api.answer(`mutation { ${field} }`);
  expect(errors).toHaveLength(1);
  expect(errors[0]?.extensions).toEqual({ code: "CHECK_VIOLATED", fields, ...(constraint && { constraint }) });
  if (fields.length > 0)
    expect(errors[0]?.message).toBe(`A value does not pass a check of the database: ${fields.join(", ")}.`);
});
