/** A TypeScript module for a folder of documents: their texts, with the types of what goes in and what comes out. */
import { type FragmentDefinitionNode, GraphQLError, type GraphQLSchema, Kind, parse, print, visit } from "graphql";
import { FraiseqlError } from "../errors.ts";
import { capitalized } from "../schema/naming.ts";
import { suggestion } from "../schema/suggest.ts";
import {
  type DocumentFile,
  type DocumentProblem,
  type Documents,
  type NamedOperation,
  problemOf,
  readDocuments,
} from "./document-files.ts";
import { inputTypes, variablesType } from "./input-types.ts";
import { selectionType } from "./selection-types.ts";
import { createTypeNames, type ScalarMapping, type TypeNames } from "./type-names.ts";
import { commentOf, indented, templateText, unionType } from "./type-text.ts";

export type GenerateInput = {
  readonly schema: GraphQLSchema;
  readonly files: readonly DocumentFile[];
  /** TypeScript types for scalars, instead of those of their JSON form. */
  readonly scalars: ScalarMapping;
  /** `text`: a document is a string. `node`: it is the syntax tree that Apollo Client and others want. */
  readonly form: DocumentForm;
};

export type DocumentForm = "text" | "node";

export type GeneratedModule = {
  readonly text: string;
  readonly operations: number;
  readonly fragments: number;
};

/** The first line of every generated module. */
export const GENERATED_MARK = "// Written by `fraiseql generate`; changes are lost when it runs again.";

/**
 * The same schema, documents and options give the same text.
 *
 * @throws FraiseqlError VALIDATION_ERROR with every problem and its place in `details.problems`; CONFIG_INVALID for a
 * mapping of a scalar that the schema does not have
 */
export function generateModule({ schema, files, scalars, form }: GenerateInput): GeneratedModule {
  checkMapping(schema, scalars);
  const sorted = files.toSorted((left, right) => (left.path < right.path ? -1 : 1));
  const read = readDocuments(schema, sorted);
  if ("problems" in read) throw invalid(read.problems);
  const { documents } = read;
  const names = createTypeNames(scalars);
  const scope = { schema, fragments: documents.fragments, names };
  const fragments = [...documents.fragments.values()].map((node) => {
    const type = schema.getType(node.typeCondition.name.value) as Parameters<typeof selectionType>[1];
    const text = selectionType(scope, type, [{ set: node.selectionSet, conditional: false }]);
    return `export type ${fragmentName(node)} = ${text};`;
  });
  const operations = documents.operations.map((node) => {
    const { result, variables, document } = operationNames(node);
    const root = schema.getRootType(node.operation);
    // Validation has seen that the schema has such operations.
    if (!root) throw new TypeError(`the schema has no ${node.operation}`);
    return [
      `export type ${variables} = ${variablesType(schema, node, names)};`,
      `export type ${result} = ${selectionType(scope, root, [{ set: node.selectionSet, conditional: false }])};`,
      documentConstant(documentText(node, documents), form, { result, variables, document }),
    ].join("\n\n");
  });
  const inputs = inputTypes(names);
  const clashes = nameClashes(documents, names, form);
  if (clashes.length > 0) throw invalid(clashes);
  const parts = [preamble(form), ...scalarTypes(names), ...enumTypes(names), ...inputs, ...fragments, ...operations];
  return { text: `${parts.join("\n\n")}\n`, operations: operations.length, fragments: fragments.length };
}

function invalid(problems: readonly DocumentProblem[]): FraiseqlError {
  const what = problems.length === 1 ? "A document is" : "Documents are";
  return new FraiseqlError("VALIDATION_ERROR", `${what} not in order.`, { details: { problems } });
}

function checkMapping(schema: GraphQLSchema, scalars: ScalarMapping): void {
  const known = Object.values(schema.getTypeMap()).flatMap((type) =>
    type.astNode?.kind === Kind.SCALAR_TYPE_DEFINITION ? [type.name] : [],
  );
  const all = new Set(["Int", "Float", "String", "Boolean", "ID", ...known]);
  for (const name of scalars.keys()) {
    if (all.has(name)) continue;
    throw new FraiseqlError(
      "CONFIG_INVALID",
      `The schema has no scalar ${JSON.stringify(name)}${suggestion(name, all)}`,
    );
  }
}

const fragmentName = ({ name }: FragmentDefinitionNode): string => `${capitalized(name.value)}Fragment`;

type OperationNames = { readonly result: string; readonly variables: string; readonly document: string };

function operationNames({ name, operation }: NamedOperation): OperationNames {
  const result = `${capitalized(name.value)}${capitalized(operation)}`;
  return { result, variables: `${result}Variables`, document: `${capitalized(name.value)}Document` };
}

/** Two things that would have one name in the module. */
function nameClashes(documents: Documents, names: TypeNames, form: DocumentForm): readonly DocumentProblem[] {
  const taken = new Map<string, string>([
    ["Scalars", "the table of scalars"],
    [DECLARATIONS[form].name, "the type of documents"],
    ...[...names.enums.keys(), ...names.inputs.keys()].map((name) => [name, "a type of the schema"] as const),
  ]);
  const claims = [
    ...[...documents.fragments.values()].map((node) => ({ node, claimed: [fragmentName(node)] })),
    ...documents.operations.map((node) => ({ node, claimed: Object.values(operationNames(node)) })),
  ];
  const problems: DocumentProblem[] = [];
  for (const { node, claimed } of claims) {
    const name = claimed.find((each) => taken.has(each));
    if (name !== undefined) {
      const message = `${node.name.value} would be ${name} in the module, and so is ${taken.get(name)}; give it another name.`;
      problems.push(problemOf(new GraphQLError(message, node.name)));
    }
    for (const each of claimed) taken.set(each, node.name.value);
  }
  return problems;
}

/** An operation and the fragments it needs, and no others. */
function documentText(operation: NamedOperation, { fragments }: Documents): string {
  const needed = new Map<string, FragmentDefinitionNode>();
  const addFragments = (node: NamedOperation | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (!fragment || needed.has(name.value)) return;
        needed.set(name.value, fragment);
        addFragments(fragment);
      },
    });
  };
  addFragments(operation);
  return [operation, ...needed.values()].map((node) => print(node)).join("\n\n");
}

function documentConstant(text: string, form: DocumentForm, { result, variables, document }: OperationNames): string {
  const type = `${DECLARATIONS[form].name}<${result}, ${variables}>`;
  if (form === "text") return `export const ${document} = ${templateText(text)} as ${type};`;
  const tree = JSON.stringify(parse(text, { noLocation: true }));
  return `export const ${document} = ${tree} as unknown as ${type};`;
}

const DECLARATIONS: Readonly<Record<DocumentForm, { readonly name: string; readonly text: string }>> = {
  text: {
    name: "TypedDocumentString",
    text: `/** The text of a document, whose type says what goes in and what comes out. */
export type TypedDocumentString<Result, Variables> = string & {
  readonly __apiType?: (variables: Variables) => Result;
};`,
  },
  node: {
    name: "TypedDocumentNode",
    text: `import type { DocumentNode } from "graphql";

/** The syntax tree of a document, whose type says what goes in and what comes out. */
export interface TypedDocumentNode<Result, Variables> extends DocumentNode {
  readonly __apiType?: (variables: Variables) => Result;
}`,
  },
};

const preamble = (form: DocumentForm): string => `${GENERATED_MARK}\n\n${DECLARATIONS[form].text}`;

function byName<T>(types: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...types].toSorted(([left], [right]) => (left < right ? -1 : 1));
}

function scalarTypes(names: TypeNames): readonly string[] {
  if (names.scalars.size === 0) return [];
  const lines = byName(names.scalars).map(([name, { scalar, type }]) => {
    const comment = commentOf(scalar.description);
    return indented(`${comment}readonly ${name}: ${type};`);
  });
  return [`/** What the scalars of the API are here. */\nexport type Scalars = {\n${lines.join("\n")}\n};`];
}

function enumTypes(names: TypeNames): readonly string[] {
  return byName(names.enums).map(([name, type]) => {
    const values = type.getValues().map((value) => JSON.stringify(value.name));
    return `${commentOf(type.description)}export type ${name} = ${unionType(values)};`;
  });
}
