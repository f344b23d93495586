import { afterAll, beforeAll, expect, test } from "bun:test";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { linesOf } from "../support/lines-of.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { startCommand, type Workplace, workplace } from "./command-line.ts";

type Event = {
  readonly event: string;
  readonly url?: string;
  readonly milliseconds?: number;
  readonly error?: { readonly message: string; readonly problems: readonly { readonly line: number }[] };
};

let database: TestDatabase;
let at: Workplace;
let dev: ReturnType<typeof startCommand>;
let events: AsyncIterator<Event>;
let url = "";

/** One value per line that the command prints. */
async function* eventsOf(output: ReadableStream<Uint8Array>): AsyncGenerator<Event> {
  for await (const line of linesOf(output)) yield JSON.parse(line);
}

async function next(event: string): Promise<Event> {
  for (;;) {
    const { value, done } = await events.next();
    if (done)
      throw new Error(`dev ended before "${event}": ${await new Response(dev.stderr as ReadableStream).text()}`);
    if (value.event === event) return value;
  }
}

const schemaWith = (...changes: string[]) =>
  [
    'import { Book, db, generated } from "./schema.generated.ts";',
    "",
    "export const schema = db.schema(generated,",
    ...changes,
    ");",
    "",
  ].join("\n");

/** In one step: who looks at the file meanwhile does not find half of it. */
async function replace(file: string, text: string): Promise<void> {
  await at.write(`${file}.new`, text);
  await rename(join(at.folder, `${file}.new`), join(at.folder, file));
}

async function ask(query: string): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: await response.text() };
}

beforeAll(async () => {
  database = await testDatabase(
    "dev",
    `create table book (book_id int primary key, title text not null);
     insert into book values (1, 'Notes');
     create view nap as select 1 as long from (select pg_sleep(2)) as sleep;`,
  );
  at = await workplace(database.url);
  expect(await at.run("introspect")).toMatchObject({ code: 0 });
  dev = startCommand(at.folder, database.url, ["dev", "schema.ts", "--port", "0", "--json"]);
  events = eventsOf(dev.stdout as ReadableStream<Uint8Array>);
  url = (await next("listening")).url ?? "";
  await next("live");
});
afterAll(async () => {
  dev.kill();
  await dev.exited;
  await at.remove();
  await database.drop();
});

test("it serves the schema it found", async () => {
  expect(await ask("{ books { title } }")).toEqual({ status: 200, body: '{"data":{"books":[{"title":"Notes"}]}}' });
});

test("a changed schema is live within a second, and no request is dropped meanwhile", async () => {
  const answers: { status: number; body: string }[] = [];
  let isDone = false;
  const asking = (async () => {
    while (!isDone) answers.push(await ask("{ books { title } }"));
  })();
  const slow = ask("{ naps { long } }");
  const saved = performance.now();
  await at.write(
    "schema.ts",
    schemaWith(`  db.change(Book, {}, (f) => ({ loud: f.expression("String")\`upper(\${"title"})\` })),`),
  );
  await next("live");
  const took = performance.now() - saved;
  isDone = true;
  await asking;
  expect(await ask("{ books { loud } }")).toEqual({ status: 200, body: '{"data":{"books":[{"loud":"NOTES"}]}}' });
  // It began before the change and ends long after it.
  expect(await slow).toEqual({ status: 200, body: '{"data":{"naps":[{"long":1}]}}' });
  expect(took).toBeLessThan(1_000);
  expect(answers.length).toBeGreaterThan(10);
  expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(
    new Set(['200 {"data":{"books":[{"title":"Notes"}]}}']),
  );
});

test("a broken schema is refused with its line and a suggestion, and the one before stays live", async () => {
  await replace("schema.ts", schemaWith('  db.change(Book, {}, (f) => ({ loud: f.column("titel") })),'));
  const { error } = await next("refused");
  expect(error?.message).toContain("schema.ts:4:");
  expect(error?.message).toContain('did you mean "title"?');
  expect(error?.problems[0]?.line).toBe(4);
  expect((await ask("{ books { loud } }")).body).toBe('{"data":{"books":[{"loud":"NOTES"}]}}');
});

test("a schema with an expression that PostgreSQL refuses does not go live", async () => {
  await replace("schema.ts", schemaWith('  db.change(Book, {}, (f) => ({ loud: f.expression("String")`no_such` })),'));
  const { error } = await next("refused");
  expect(error?.message).toContain(
    'The expression of Book.loud is refused by PostgreSQL: column "no_such" does not exist.',
  );
  expect((await ask("{ books { loud } }")).body).toBe('{"data":{"books":[{"loud":"NOTES"}]}}');
});

test("a file the schema imports counts, and so does a file that takes the place of another", async () => {
  await at.write("titles.ts", 'export const described = { description: "First." };\n');
  const importing = `import { described } from "./titles.ts";\n${schemaWith("  db.change(Book, { fields: { title: described } }),")}`;
  const described = async () => (await ask('{ __type(name: "Book") { fields { name description } } }')).body;
  await at.write("schema.ts", importing);
  // What is written in several steps may be taken up more than once.
  do await next("live");
  while (!(await described()).includes('"First."'));
  await replace("titles.ts", 'export const described = { description: "Second." };\n');
  do await next("live");
  while (!(await described()).includes('"Second."'));
});

test("a schema that does not fit the database is refused", async () => {
  await at.write("away.catalog.ts", (await at.read("schema.catalog.ts")).replaceAll('"title"', '"heading"'));
  const generated = (await at.read("schema.generated.ts"))
    .replaceAll("schema.catalog", "away.catalog")
    .replaceAll('"title"', '"heading"');
  await at.write("away.generated.ts", generated);
  await replace(
    "schema.ts",
    'import { db, generated } from "./away.generated.ts";\nexport const schema = db.schema(generated);\n',
  );
  const { error } = await next("refused");
  expect(error?.message).toContain("column heading of table public.book is gone");
  expect(await ask("{ books { title } }")).toMatchObject({ status: 200 });
});
