import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { runSql, type TestDatabase, testDatabase } from "../support/postgres.ts";
import { type Workplace, workplace } from "./command-line.ts";

const TABLES = `
  create type mood as enum ('sad', 'very-happy');
  create table author (author_id int primary key, name text not null, mood mood);
  create table book (
    book_id int primary key, title text not null, pages int, author_id int not null references author);
  comment on table book is 'Printed matter.';
  create view v_shelf as select b.book_id as id, jsonb_build_object('title', b.title, 'pages', b.pages) as data from book b;
  insert into author values (1, 'Ada', 'sad');
  insert into book values (1, 'Notes', 12, 1);`;

let database: TestDatabase;
let at: Workplace;

beforeAll(async () => {
  database = await testDatabase("authoring", TABLES);
  at = await workplace(database.url);
});
afterAll(async () => {
  await at.remove();
  await database.drop();
});

describe("from a database to an artifact", () => {
  test("introspect writes three files, compile seals them, check finds no difference", async () => {
    const introspected = await at.run("introspect");
    expect(introspected).toMatchObject({ code: 0, err: "" });
    expect(introspected.out).toContain("written   schema.ts\n");
    expect(introspected.out).toContain("Next: npx bun run fraiseql compile schema.ts");
    expect(await at.read("schema.generated.ts")).toContain('mood: f.column("mood")');

    const compiled = await at.run("compile", "schema.ts", "--out", "schema.compiled.json");
    expect(compiled).toMatchObject({ code: 0, err: "" });
    expect(await at.run("check", "schema.compiled.json")).toEqual({
      code: 0,
      out: "schema.compiled.json fits the database.\n",
      err: "",
    });
  });

  test("the same schema gives the same bytes", async () => {
    const first = await at.read("schema.compiled.json");
    expect(await at.run("compile", "schema.ts", "--out", "again.json", "--json")).toMatchObject({ code: 0 });
    expect(await at.read("again.json")).toBe(first);
  });

  test("a second introspect keeps what the author wrote and takes up what is new in the database", async () => {
    const mine = [
      'import { Book, db, generated } from "./schema.generated.ts";',
      "",
      "export const schema = db.schema(",
      "  generated,",
      '  db.change(Book, { fields: { title: { description: "On the cover." } } }, (f) => ({',
      `    shout: f.expression("String")\`upper(\${"title"})\`,`,
      "  })),",
      ");",
      "",
    ].join("\n");
    await at.write("schema.ts", mine);
    await runSql(database.url, "alter table book add column isbn text");
    const again = await at.run("introspect", "--json");
    expect(again.code).toBe(0);
    expect(JSON.parse(again.out).files).toEqual([
      { path: "schema.ts", state: "kept" },
      { path: "schema.catalog.ts", state: "written" },
      { path: "schema.generated.ts", state: "written" },
    ]);
    expect(await at.read("schema.ts")).toBe(mine);

    expect(await at.run("compile")).toMatchObject({ code: 0 });
    const { sdl } = JSON.parse(await at.read("schema.compiled.json"));
    const book = /type Book [^}]*}/.exec(sdl)?.[0];
    expect(book).toContain('"""On the cover."""\n  title: String!');
    expect(book).toContain("isbn: String");
    expect(book).toContain("shout: String");
  });

  test("a generated file that was edited is not written over", async () => {
    const edited = (await at.read("schema.generated.ts")).replace('"books"', '"volumes"');
    await at.write("schema.generated.ts", edited);
    const refused = await at.run("introspect");
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("schema.generated.ts was edited by hand");
    expect(refused.err).toContain("--force");
    expect(await at.read("schema.generated.ts")).toBe(edited);
    expect(await at.run("introspect", "--force")).toMatchObject({ code: 0 });
    expect(await at.read("schema.generated.ts")).toContain('"books"');
  });

  test("a generated file that was only formatted is written again", async () => {
    const text = await at.read("schema.generated.ts");
    await at.write("schema.generated.ts", text.replaceAll('"', "'").replaceAll("  ", "\t"));
    expect(await at.run("introspect")).toMatchObject({ code: 0 });
    expect(await at.read("schema.generated.ts")).toBe(text);
  });

  test("check names every difference with its mend", async () => {
    await runSql(database.url, "alter table book alter column title drop not null; alter type mood add value 'calm'");
    const checked = await at.run("check");
    expect(checked.code).toBe(1);
    expect(checked.out).toContain(
      "wrong  The column title of table public.book may be null now.\n       Set it NOT NULL again",
    );
    expect(checked.out).toContain('The enum public.mood has the new label "calm"');
    expect(checked.out).toContain("2 of 2 differences");
    const json = await at.run("check", "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ fits: false, differences: [{ wrong: true }, { wrong: true }] });
  });
});

describe("what is wrong is said with its place", () => {
  const broken = (line: string) =>
    [
      'import { Book, db, generated } from "./schema.generated.ts";',
      "",
      "export const schema = db.schema(generated,",
      line,
      ");",
      "",
    ].join("\n");

  test("a column that is not there", async () => {
    await at.write("broken.ts", broken('  db.change(Book, {}, (f) => ({ x: f.column("titel") })),'));
    const { code, err } = await at.run("compile", "broken.ts");
    expect(code).toBe(1);
    expect(err).toContain("SCHEMA_INVALID: broken.ts:4:");
    expect(err).toContain('book has no column "titel"; did you mean "title"?');
    expect(err).toContain('4 | db.change(Book, {}, (f) => ({ x: f.column("titel") })),');
  });

  test("an expression that PostgreSQL refuses", async () => {
    const fields = `fine: f.expression("Int")\`1.5\`, x: f.expression("Int")\`no_such(\${"title"})\``;
    await at.write("broken.ts", broken(`  db.change(Book, {}, (f) => ({ ${fields} })),`));
    expect(await at.run("compile", "broken.ts", "--out", "broken.json")).toMatchObject({ code: 0 });
    const { code, out } = await at.run("check", "broken.json");
    expect(code).toBe(1);
    expect(out).toContain(
      "wrong  The expression of Book.x is refused by PostgreSQL: function no_such(text) does not exist.",
    );
    expect(out).not.toContain("Book.fine");
  });

  test("an option nobody reads", async () => {
    await at.write("broken.ts", broken('  db.change(Book, { fields: { title: { descripton: "x" } } }),'));
    const { code, err } = await at.run("compile", "broken.ts");
    expect(code).toBe(1);
    expect(err).toContain("broken.ts:4:");
    expect(err).toContain('Book.title has no option "descripton"; did you mean "description"?');
  });

  test("a problem that shows only when all parts are known", async () => {
    await at.write("broken.ts", broken('  db.change(Book, { name: "Author" }),'));
    const { code, err } = await at.run("compile", "broken.ts");
    expect(code).toBe(1);
    expect(err).toContain("there are two types named Author");
    expect(err).toContain("broken.ts:4:");
  });

  test("a type that the database no longer gives, and a file that is not there", async () => {
    await at.write("broken.ts", broken("  db.omit(Book),").replaceAll("Book", "Bok"));
    expect((await at.run("compile", "broken.ts")).err).toContain(
      'broken.ts:1:10: schema.generated.ts exports no "Bok"; did you mean "Book"?',
    );
    await at.write("broken.ts", 'import { schema } from "./away.ts";\n\nexport { schema };\n');
    expect((await at.run("compile", "broken.ts")).err).toContain("broken.ts:1:25: Cannot find module");
  });

  test("a file that is no TypeScript", async () => {
    await at.write("broken.ts", "export const schema = {\n  a: ;\n};\n");
    const { code, out } = await at.run("compile", "broken.ts", "--json");
    expect(code).toBe(1);
    const { error } = JSON.parse(out);
    expect(error.code).toBe("SCHEMA_INVALID");
    expect(error.problems[0]).toMatchObject({ line: 2 });
    expect(error.problems[0].file).toEndWith("broken.ts");
  });

  test("a file without a schema, and no file at all", async () => {
    await at.write("empty.ts", "export const other = 1;\n");
    expect((await at.run("compile", "empty.ts")).err).toContain("export const schema = db.schema(…)");
    const absent = await at.run("compile", "absent.ts");
    expect(absent.err).toContain("fraiseql introspect --out absent.ts");
    expect(absent.code).toBe(2);
  });

  test("a damaged artifact, and none", async () => {
    await at.write("damaged.json", (await at.read("again.json")).replace("Printed matter", "Printed platter"));
    const damaged = await at.run("check", "damaged.json");
    expect(damaged.code).toBe(2);
    expect(damaged.err).toContain("ARTIFACT_INVALID");
    expect(damaged.err).toContain("Compile it again");
    expect((await at.run("check", "none.json")).err).toContain("fraiseql compile schema.ts --out none.json");
  });
});

describe("every command", () => {
  test.each(["introspect", "compile", "check"])(
    "%s has a --help and refuses unknown options with a suggestion",
    async (command) => {
      const help = await at.run(command, "--help");
      expect(help.code).toBe(0);
      expect(help.out).toStartWith(`fraiseql ${command}`);
      const wrong = await at.run(command, "--jsn");
      expect(wrong.code).toBe(2);
      expect(wrong.err).toContain("Did you mean --json?");
    },
  );

  test("one that there is not is refused with a suggestion, as JSON where that is asked for", async () => {
    const { code, err } = await at.run("chek");
    expect([code, err]).toEqual([2, expect.stringContaining('There is no command "chek". Did you mean check?')]);
    const asked = await at.run("chek", "--json");
    expect([asked.code, JSON.parse(asked.out).error.code]).toEqual([2, "CONFIG_INVALID"]);
  });
});
