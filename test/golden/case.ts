/**
 * A golden case: one Markdown file with an operation and, below it, everything that is made of it. The part above the
 * first `##` heading is written by a person, the rest by `bun run golden:update`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { RequestFailed } from "../../src/core/errors.ts";
import { describePlan } from "../../src/core/plan/describe-plan.ts";
import type { Served } from "../engine/served.ts";
import { layOutJson, layOutSql } from "./layout.ts";

export type GoldenCase = {
  readonly path: string;
  /** `topic/name`. */
  readonly name: string;
  readonly database: DatabaseName;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  /** The part that a person writes. */
  readonly head: string;
  readonly text: string;
};

export const DATABASES = ["world", "gallery", "types"] as const;
export type DatabaseName = (typeof DATABASES)[number];

export function readCases(): readonly GoldenCase[] {
  const paths = readdirSync(import.meta.dir, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".md"),
  );
  return paths.toSorted().map((path) => readCase(join(import.meta.dir, path)));
}

function readCase(path: string): GoldenCase {
  const text = readFileSync(path, "utf8");
  const name = relative(import.meta.dir, path).replace(/\.md$/, "");
  const generated = text.search(/^## /m);
  const head = (generated < 0 ? text : text.slice(0, generated)).trimEnd();
  const database = DATABASES.find((each) => each === /^Database: (\w+)$/m.exec(head)?.[1]);
  const query = /^```graphql\n(.*?)^```$/ms.exec(head)?.[1];
  const variables = /^```json\n(.*?)^```$/ms.exec(head)?.[1];
  if (!database) throw new Error(`${name}: a line "Database: ${DATABASES.join("|")}" is missing`);
  if (!query) throw new Error(`${name}: a block of graphql is missing`);
  return {
    path,
    name,
    database,
    query,
    variables: variables === undefined ? undefined : (JSON.parse(variables) as Record<string, unknown>),
    head,
    text,
  };
}

/** The whole file as it has to be. */
export async function renderCase({ head, query, variables }: GoldenCase, api: Served): Promise<string> {
  const { text, status } = await api.answer(query, variables);
  const sections = [
    ...planned(query, variables, api),
    section(status === 200 ? "Answer" : `Answer, status ${status}`, "json", layOutJson(text)),
  ];
  return `${[head, ...sections].join("\n\n")}\n`;
}

function planned(query: string, variables: GoldenCase["variables"], api: Served): readonly string[] {
  try {
    const { plan, statement, parameters } = api.operations.explain({ query, variables });
    const values = parameters.map(
      (name, index) => `$${index + 1}  ${name}  ${JSON.stringify(statement.values[index])}`,
    );
    return [
      section("Plan", "text", describePlan(plan)),
      section("SQL", "sql", layOutSql(statement.text)),
      ...(values.length > 0 ? [section("Values", "text", values.join("\n"))] : []),
    ];
  } catch (error) {
    // A refused request has no plan; its errors are the answer.
    if (error instanceof RequestFailed) return [];
    throw error;
  }
}

const section = (title: string, language: string, body: string): string =>
  `## ${title}\n\n\`\`\`${language}\n${body}\n\`\`\``;
