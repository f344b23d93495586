/** What rules can be about follows from what is observed: of a real table, through the whole of the validation. */
import { beforeAll, expect, test } from "bun:test";
import { openDatabase } from "../../../src/adapters/postgres/database.ts";
import { introspect } from "../../../src/adapters/postgres/introspect/introspect.ts";
import { checkRule } from "../../../src/core/rules/check-rule.ts";
import { type Capture, observedEntities } from "../../../src/core/rules/observed-entities.ts";
import type { Catalog } from "../../../src/core/schema/catalog.ts";
import { modelFromCatalog } from "../../../src/core/schema/from-catalog/from-catalog.ts";
import { testDatabase } from "../../support/postgres.ts";

const SETUP = `
  create table invoice (id int primary key, total numeric, card_number text, twice numeric generated always as (total * 2) virtual);
  create view large as select id, total from invoice where total > 1000;
`;

let catalog: Catalog;
beforeAll(async () => {
  const { url, drop } = await testDatabase("observed_entities", SETUP);
  const database = openDatabase({ url, connectionsMax: 1 });
  catalog = await introspect(database);
  await database.close();
  await drop();
});

/** What is said of a rule where events are so. */
function said(capture: Capture, rule: object): string {
  const entities = observedEntities(modelFromCatalog(catalog).model, catalog, capture);
  const actions = new Map([["webhook", { templates: { url: "url" }, check: () => [] } as const]]);
  const base = { name: "r", entity: "Invoice", operations: ["update"], actions: [{ kind: "webhook" }] };
  const checked = checkRule({ ...base, ...rule }, { entities, actions });
  if ("rule" in checked) return "a rule";
  return checked.problems
    .map(({ path, line, column, message }) => [path.join("."), line, column, message].join(" "))
    .join("; ");
}

const LISTED: Capture = { columns: ["public.invoice.id", "public.invoice.total"] };
const WITHHELD = "is not in events of public.invoice: events.columns would have to list public.invoice.card_number";

test("a rule about a column that events do not show is refused where it names it, by either of its names", () => {
  const about = (name: string) => ({ condition: `total > 1 &&\n changed(${name})` });
  expect(said({}, about("card_number"))).toBe("a rule");
  expect(said(LISTED, about("card_number"))).toBe(`condition 2 10 "card_number" ${WITHHELD}`);
  expect(said(LISTED, about("cardNumber"))).toBe(`condition 2 10 "cardNumber" ${WITHHELD}`);
  expect(said(LISTED, { condition: { card_number: { _eq: "4111" } } })).toBe(
    `condition.card_number   "card_number" ${WITHHELD}`,
  );
  expect(said(LISTED, { condition: "total > 1" })).toBe("a rule");
});

test("so is a template that names it", () => {
  const sent = { actions: [{ kind: "webhook", url: "https://a.example/{{ new.card_number }}" }] };
  expect(said({}, sent)).toBe("a rule");
  expect(said(LISTED, sent)).toBe(`actions.0.url 1 22 "card_number" ${WITHHELD}`);
});

test("a column that PostgreSQL computes when it is read is in no event", () => {
  expect(said({}, { condition: "twice > 2" })).toBe(
    'condition 1 1 "twice" is computed when it is read: events do not carry it',
  );
});

test("a rule about a view, or about a table that is not observed, is refused", () => {
  expect(said({}, { entity: "Large" })).toBe("entity   public.large is a view: only changes of tables are events");
  expect(said({ tables: ["public.other"] }, {})).toBe(
    "entity   changes of public.invoice are no events: events.tables would have to list it",
  );
  for (const tables of [["*"], ["public.invoice"]]) expect(said({ tables }, {})).toBe("a rule");
});
