import { describe, expect, test } from "bun:test";
import { buildSchema } from "graphql";
import { FraiseqlError } from "../../../src/core/errors.ts";
import { type GenerateInput, generateModule } from "../../../src/core/generate/generate-module.ts";

const SCHEMA = buildSchema(`
  "Digits, and nothing lost."
  scalar Decimal
  scalar JSON
  scalar Colour
  "How it is sold."
  enum Ware { BOOK DISC }
  interface Priced { price: Decimal! }
  type Book implements Priced { title: String! price: Decimal! pages: Int author: Author ware: Ware! }
  type Disc implements Priced { title: String price: Decimal! songs: [String!]! facts: JSON }
  type Author { name: String! books(first: Int): [Book!]! }
  union Item = Book | Disc | Author
  input BookWhere { title: String and: [BookWhere!] ware: Ware = BOOK price: Decimal! }
  type Query {
    books(where: BookWhere, limit: Int! = 10): [Book!]
    priced: [Priced]!
    items: [Item!]!
    colour: Colour
    grid: [[Int]]
  }
  type Mutation { sell(title: String!): Boolean! }
`);

const files = (text: string): GenerateInput["files"] => [{ path: "a.graphql", text }];

function generated(text: string, rest: Partial<GenerateInput> = {}): string {
  return generateModule({ schema: SCHEMA, files: files(text), scalars: new Map(), form: "text", ...rest }).text;
}

/** The declaration of one name. */
const declared = (module: string, name: string): string =>
  new RegExp(`^export type ${name} = (.*?);\n(?=\n|$)`, "ms").exec(`${module}\n`)?.[1] ?? `no ${name} in\n${module}`;

/** The type of what `{ … }` gives. */
const result = (selection: string): string => declared(generated(`query Q ${selection}`), "QQuery");

test("a module holds the text of each operation and the types of its variables and result", () => {
  const text =
    "query Shelf($where: BookWhere, $limit: Int! = 5, $ids: [Decimal]!, $must: Int!) { books(where: $where, limit: $limit) { title, ware } }";
  const schema = buildSchema(`
    "Digits, and nothing lost."
    scalar Decimal
    "How it is sold."
    enum Ware { BOOK DISC }
    type Book { title: String! ware: Ware! }
    input BookWhere { and: [BookWhere!] price: Decimal! ware: Ware = BOOK }
    type Query { books(where: BookWhere, limit: Int!, ids: [Decimal], must: Int): [Book!] }`);
  const uses = text.replace("limit: $limit", "limit: $limit, ids: $ids, must: $must");
  expect(generated(uses, { schema })).toBe(`// Written by \`fraiseql generate\`; changes are lost when it runs again.

/** The text of a document, whose type says what goes in and what comes out. */
export type TypedDocumentString<Result, Variables> = string & {
  readonly __apiType?: (variables: Variables) => Result;
};

/** What the scalars of the API are here. */
export type Scalars = {
  /** Digits, and nothing lost. */
  readonly Decimal: string;
};

/** How it is sold. */
export type Ware = "BOOK" | "DISC";

export type BookWhere = {
  readonly and?: readonly BookWhere[] | null | undefined;
  readonly price: Scalars["Decimal"];
  readonly ware?: Ware | null | undefined;
};

export type ShelfQueryVariables = {
  readonly where?: BookWhere | null | undefined;
  readonly limit?: number | undefined;
  readonly ids: readonly (Scalars["Decimal"] | null)[];
  readonly must: number;
};

export type ShelfQuery = {
  readonly books: readonly {
    readonly title: string;
    readonly ware: Ware;
  }[] | null;
};

export const ShelfDocument = \`query Shelf($where: BookWhere, $limit: Int! = 5, $ids: [Decimal]!, $must: Int!) {
  books(where: $where, limit: $limit, ids: $ids, must: $must) {
    title
    ware
  }
}\` as TypedDocumentString<ShelfQuery, ShelfQueryVariables>;
`);
});

describe("a result", () => {
  test("has the names that were asked for, and null where it may be null", () => {
    expect(result("{ books { name: title pages author { name } } grid }")).toBe(`{
  readonly books: readonly {
    readonly name: string;
    readonly pages: number | null;
    readonly author: {
      readonly name: string;
    } | null;
  }[] | null;
  readonly grid: readonly (readonly (number | null)[] | null)[] | null;
}`);
  });

  test("of a union is one type for each shape, told apart by __typename or by what is there", () => {
    expect(result("{ items { __typename ... on Priced { price } ... on Book { title } } }")).toBe(
      `{
  readonly items: readonly ({
    readonly __typename: "Book";
    readonly price: string;
    readonly title: string;
  } | {
    readonly __typename: "Disc";
    readonly price: string;
    readonly title?: undefined;
  } | {
    readonly __typename: "Author";
    readonly price?: undefined;
    readonly title?: undefined;
  })[];
}`.replaceAll(": string;\n    readonly title", ': Scalars["Decimal"];\n    readonly title'),
    );
  });

  test("of an interface is one type where all that have it give the same", () => {
    expect(result("{ priced { kind: __typename price } }")).toBe(`{
  readonly priced: readonly ({
    readonly kind: "Book" | "Disc";
    readonly price: Scalars["Decimal"];
  } | null)[];
}`);
  });

  test("may lack what is skipped or included, but nothing that is selected without a condition too", () => {
    const selection = `($yes: Boolean!) {
      books { title @include(if: $yes) ...P @skip(if: $yes) author @include(if: $yes) { name } }
      again: books { author { name } author @include(if: $yes) { books { pages } } }
    }`;
    const module = generated(`query Q${selection} fragment P on Book { pages ware }`);
    expect(declared(module, "QQuery")).toBe(`{
  readonly books: readonly {
    readonly title?: string;
    readonly pages?: number | null;
    readonly ware?: Ware;
    readonly author?: {
      readonly name: string;
    } | null;
  }[] | null;
  readonly again: readonly {
    readonly author: {
      readonly name: string;
      readonly books?: readonly {
        readonly pages: number | null;
      }[];
    } | null;
  }[] | null;
}`);
  });

  test("of a field that stands twice is both together", () => {
    expect(
      result("{ books { author { name } ...A } } fragment A on Book { author { books(first: 1) { title } } }"),
    ).toContain(`author: {
      readonly name: string;
      readonly books: readonly {
        readonly title: string;
      }[];
    } | null;`);
  });

  test("of introspection has types too", () => {
    expect(result('{ __typename __type(name: "Book") { name } __schema { queryType { name } } }')).toContain(
      '__typename: "Query"',
    );
  });
});

describe("scalars", () => {
  test("are what JSON gives, unless a type is named", () => {
    const query = "query Q { colour items { ... on Disc { facts price } } }";
    const table = (module: string) => declared(module, "Scalars").replaceAll(/\s*\/\*\*.*\*\//g, "");
    expect(table(generated(query))).toBe(
      "{\n  readonly Colour: unknown;\n  readonly Decimal: string;\n  readonly JSON: unknown;\n}",
    );
    const scalars = new Map([
      ["Colour", "`#\u0024{string}`"],
      ["JSON", 'import("./facts.ts").Facts'],
    ]);
    expect(table(generated(query, { scalars }))).toBe(
      '{\n  readonly Colour: `#\u0024{string}`;\n  readonly Decimal: string;\n  readonly JSON: import("./facts.ts").Facts;\n}',
    );
  });

  test("that the schema does not have are no mapping", () => {
    const scalars = new Map([["Decmal", "number"]]);
    expect(() => generated("query Q { colour }", { scalars })).toThrow('no scalar "Decmal"; did you mean "Decimal"?');
  });
});

describe("documents", () => {
  test("carry the fragments they need, from whatever file, and no others", () => {
    const module = generateModule({
      schema: SCHEMA,
      scalars: new Map(),
      form: "text",
      files: [
        { path: "z.graphql", text: "fragment Outer on Book { author { ...Inner } } fragment Unused on Disc { songs }" },
        { path: "b.graphql", text: "query Two { books { title } }" },
        { path: "a.graphql", text: "query One { books { ...Outer } } fragment Inner on Author { name }" },
      ],
    });
    expect(module).toMatchObject({ operations: 2, fragments: 3 });
    const one = /OneDocument = `(.*?)`/s.exec(module.text)?.[1];
    expect(one).toContain("fragment Outer on Book");
    expect(one).toContain("fragment Inner on Author");
    expect(one).not.toContain("Unused");
    expect(declared(module.text, "UnusedFragment")).toContain("readonly songs: readonly string[];");
    expect(module.text.indexOf("OneDocument")).toBeLessThan(module.text.indexOf("TwoDocument"));
  });

  test("may hold whatever a template literal would read as its own", () => {
    const module = generated('mutation Sell { sell(title: """a `b` \\\\n \u0024{c}""") }');
    const text = /SellDocument = (`.*`) as/s.exec(module)?.[1] ?? "";
    expect(new Function(`return ${text}`)()).toContain("a `b` \\\\n \u0024{c}");
    expect(declared(module, "SellMutationVariables")).toBe("Record<string, never>");
  });

  test("are syntax trees where that is asked for", () => {
    const module = generated("query Q { colour }", { form: "node" });
    expect(module).toContain('import type { DocumentNode } from "graphql";');
    expect(module).toContain('QDocument = {"kind":"Document"');
  });
});

describe("what is wrong is said with its place", () => {
  const problems = (...texts: readonly string[]) => {
    try {
      const named = texts.map((text, index) => ({ path: `${index}.graphql`, text }));
      generateModule({ schema: SCHEMA, files: named, scalars: new Map(), form: "text" });
    } catch (error) {
      if (!(error instanceof FraiseqlError)) throw error;
      return error.details["problems"];
    }
    throw new Error("nothing is wrong");
  };

  test.each([
    ["a syntax error", ["query Q {\n  books { }\n}"], { file: "0.graphql", line: 2, column: 11 }],
    [
      "a field that is not there",
      ["query A { colour }", "query B {\n  colur }"],
      { file: "1.graphql", line: 2, column: 3 },
    ],
    ["an operation without a name", ["{ colour }"], { file: "0.graphql", line: 1, column: 1 }],
    ["a variable nobody uses", ["query Q($a: Int) { colour }"], { line: 1, column: 9 }],
    [
      "two operations of one name",
      ["query A { colour }", "query A { colour }"],
      { message: 'There can be only one operation named "A".' },
    ],
    [
      "names that would be one",
      ["query a { colour }", "query A { grid }"],
      { file: "1.graphql", message: "A would be AQuery in the module, and so is a; give it another name." },
    ],
  ] as const)("%s", (_, texts, expected) => {
    expect(problems(...texts)).toMatchObject([expected]);
  });
});
