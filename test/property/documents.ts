/** Documents that use every part of the renderer over the library, with places for values and aliases. */

export type Written = { readonly query: string; readonly variables: Readonly<Record<string, unknown>> };
/** `text` gives the value for each place; equal places may get equal values. */
export type Template = (text: (place: number) => string, alias: (place: number) => string) => Written;

const json = JSON.stringify;
const token = (...parts: readonly string[]): string => Buffer.from(json(parts), "utf8").toString("base64url");

const UUID = "0b6c1c5e-7f0a-4d8e-9a53-2f1d2c1f9a11";

export const TEMPLATES: readonly Template[] = [
  (text, alias) => ({
    query: `{ ${alias(0)}: books(
      where: { or: [
        { bookTitle: { eq: ${json(text(0))}, neq: ${json(text(1))}, in: [${json(text(2))}, ${json(text(3))}], gt: ${json(text(0))} } },
        { bookTitle: { like: ${json(text(1))}, ilike: ${json(text(2))}, startsWith: ${json(text(3))}, iendsWith: ${json(text(0))}, icontains: ${json(text(1))}, contains: ${json(text(1))}, regex: ${json(text(2))} } },
        { not: { shelfCodeShelf: { codeOf: { notIn: [${json(text(0))}] }, books: { every: { shelfCode: { lte: ${json(text(3))} } } } } } },
        { bookDoc: { hasKey: ${json(text(0))}, hasAllKeys: [${json(text(1))}], hasAnyKey: [${json(text(2))}, ${json(text(3))}], pathExists: ${json(text(1))}, pathMatches: ${json(text(2))} } },
        { bookDoc: { contains: { a: ${json(text(3))} }, containedBy: [${json(text(0))}], eq: ${json(text(2))} } }
        { bookMood: { in: [first_mood, second_mood] }, bookMoods: { overlaps: [second_mood], length: { gt: 1 } } }
      ] }
      orderBy: [{ shelfCodeShelf: { shelfHeight: DESC } }, { loansAggregate: { count: ASC_NULLS_FIRST } }, { bookMood: ASC }]
      limit: 7 offset: 3
    ) {
      nodeId ${alias(1)}: bookTitle bookMood bookMoods bookPrice soldAt bookDoc ${alias(2)}: bookPlace { ${alias(0)}: placeStreet placeMood }
      bookWindow { lower upperInclusive } shelfCodeShelf { ${alias(3)}: codeOf }
      ${alias(3)}: loanReaders(where: { readerName: { istartsWith: ${json(text(2))} } }) { ${alias(1)}: readerName }
    } }`,
    variables: {},
  }),
  (text, alias) => ({
    query:
      `query ${alias(3)}($${alias(0)}: String = ${json(text(0))}, $${alias(1)}_: [String!], $${alias(2)}__: BookWhere, $after: JSON) {
      ${alias(2)}: books(where: { bookTitle: { eq: $${alias(0)}, in: $${alias(1)}_ }, and: [$${alias(2)}__, { bookDoc: { contains: $after } }] }) { bookId }
    }`
        .replace("and: [$", "and: [$")
        .replace(/\$(\w+)__: BookWhere/, "$$$1__: BookWhere!"),
    variables: {
      [`${alias(1)}_`]: [text(1), text(2)],
      [`${alias(2)}__`]: { shelfCode: { contains: text(3), regex: text(0) } },
      after: { [text(2)]: [text(1)] },
    },
  }),
  (text, alias) => ({
    query: `{ ${alias(0)}: cards(where: { cardText: { eq: ${json(text(0))} } }, orderBy: [{ cardText: DESC }]) { cardId cardText cardNumbers ${alias(1)}: cardInner { innerDate } cardParts { ${alias(2)}: partJson } } }`,
    variables: {},
  }),
  (text, alias) => ({
    query: `{ ${alias(0)}: shelves { codeOf ${alias(1)}: booksConnection(where: { bookTitle: { endsWith: ${json(text(0))} } }, orderBy: [{ bookTitle: DESC }, { soldAt: ASC_NULLS_FIRST }], last: 4) {
      totalCount pageInfo { hasNextPage ${alias(2)}: startCursor endCursor } ${alias(3)}: edges { ${alias(0)}: cursor node { bookTitle loansAggregate { count } } } nodes { bookId }
    } } }`,
    variables: {},
  }),
  (text, alias) => ({
    query: `{ ${alias(0)}: booksAggregate(where: { shelfCode: { eq: ${json(text(0))} } }) { count ${alias(1)}: sum { bookPrice } min { bookTitle bookMood } countDistinct { bookDoc } avg { ${alias(2)}: bookId } }
      ${alias(3)}: booksGroups(groupBy: { soldAt: MONTH, bookMood: true, shelfCodeShelf: { codeOf: true } }, having: { or: [{ min: { bookTitle: { gt: ${json(text(1))} } } }, { count: { in: [1, 2] } }] }, orderBy: [{ max: { bookTitle: DESC } }, { key: { bookMood: ASC } }], limit: 5) {
        ${alias(0)}: key { soldAt bookMood shelfCodeShelf { ${alias(1)}: codeOf } } count max { bookTitle }
      } }`,
    variables: {},
  }),
  (text, alias) => ({
    query: `query($id: ID!) { ${alias(0)}: node(id: $id) { ${alias(1)}: nodeId ... on Shelf { ${alias(2)}: codeOf books { bookId } } } shelf(codeOf: ${json(text(1))}) { codeOf }
      ${alias(3)}: loan(loanBook: 1, loanReader: "${UUID}") { loanBookBook { bookTitle } } }`,
    variables: { id: token("Shelf", text(0)) },
  }),
  (text, alias) => ({
    query: `{ ${alias(0)}: booksNear(nearTo: ${json(text(0))}, where: { bookTitle: { eq: ${json(text(1))} } }) { ${alias(1)}: bookTitle } ${alias(2)}: sayMood(saidMood: second_mood) }`,
    variables: {},
  }),
];
