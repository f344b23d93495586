import { explainWithDatabase } from "../../compose/explaining.ts";
import { readConfig } from "../../config/config-file.ts";
import { FraiseqlError, RequestFailed } from "../../core/errors.ts";
import type { OperationRequest } from "../../core/operations.ts";
import type { ExplainedOperation } from "../../flows/answers/explain-operation.ts";
import type { Command, CommandInput, CommandIo } from "../command.ts";
import { readArtifact } from "../read-artifact.ts";

export const explain: Command = {
  name: "explain",
  summary: "show the plan, the SQL and PostgreSQL's own plan of an operation",
  usage: `fraiseql explain 'query { … }' [--schema schema.compiled.json] [--variables '{"id": 1}'] [--operation Name] [--analyze]

Prints the operation, the plan with the reason of each choice, the SQL with its parameters, and the EXPLAIN of the
database in DATABASE_URL.
  --schema      the artifact; that of the configuration when left out, which is schema.compiled.json unless it says otherwise
  --variables   the variables as one JSON object
  --operation   which operation of the document
  --analyze     run the statement too, and show what each step took`,
  options: {
    schema: { type: "string" },
    variables: { type: "string" },
    operation: { type: "string" },
    analyze: { type: "boolean" },
  },
  async run(input, io) {
    const request = requestOf(input);
    const { database, artifact: configured } = await readConfig(io.env);
    const artifact = await readArtifact(String(input.values["schema"] ?? configured.path));
    try {
      const options = { analyze: input.values["analyze"] === true };
      print(await explainWithDatabase(artifact, database.url, request, options), input.json, io);
      return 0;
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      if (input.json) io.out(JSON.stringify({ errors: error.errors }));
      else for (const { message, extensions } of error.errors) io.err(`${extensions.code}: ${message}`);
      return 1;
    }
  },
};

function requestOf({ positionals, values }: CommandInput): OperationRequest {
  const [query] = positionals;
  if (query === undefined)
    throw new FraiseqlError(
      "REQUEST_ERROR",
      "There is no operation to explain; write it behind the command: fraiseql explain 'query { … }'.",
    );
  const { variables, operation } = values;
  return {
    query,
    ...(typeof operation === "string" && { operationName: operation }),
    ...(typeof variables === "string" && { variables: readVariables(variables) }),
  };
}

function readVariables(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FraiseqlError("REQUEST_ERROR", `--variables is not JSON; write an object such as '{"id": 1}'.`, {
      cause,
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FraiseqlError("REQUEST_ERROR", `--variables is not a JSON object; write one such as '{"id": 1}'.`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function print(explained: ExplainedOperation, json: boolean, io: CommandIo): void {
  const { operation, plan, statement, parameters, databasePlan } = explained;
  if (json) {
    io.out(
      JSON.stringify({
        operation,
        plan,
        sql: statement.text,
        parameters: parameters.map((name, index) => ({ name, value: statement.values[index] })),
        databasePlan,
      }),
    );
    return;
  }
  const values = parameters.map(
    (name, index) => `$${index + 1} = ${JSON.stringify(statement.values[index])}  (${name})`,
  );
  const sections = {
    Operation: operation,
    Plan: plan,
    SQL: statement.text,
    Parameters: values.join("\n") || "none",
    "PostgreSQL's plan": databasePlan.join("\n"),
  };
  for (const [title, text] of Object.entries(sections)) io.out(`${title}\n${text.replaceAll(/^/gm, "  ")}\n`);
}
