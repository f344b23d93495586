import { writeFile } from "node:fs/promises";
import { FraiseqlError } from "../../core/errors.ts";
import { isEmptyPlan, planText } from "../../core/rules/plan-rules.ts";
import { writeRulesFile } from "../../core/rules/write-rules-file.ts";
import type { RuleTest } from "../../flows/rules/test-rules.ts";
import { builderModule } from "../builder-module.ts";
import type { Command, CommandInput, CommandIo } from "../command.ts";
import { loadRules } from "../load-rules.ts";
import {
  CONFIG_OPTION,
  CONFIG_USAGE,
  countOf,
  runSubcommand,
  type Subcommand,
  table,
  withOperating,
} from "../with-operating.ts";

const BY = "command line";
const FILE = "rules.ts";

export const rules: Command = {
  name: "rules",
  summary: "plan, apply and pull observer rules, test one on past events",
  usage: `fraiseql rules list
fraiseql rules plan [rules.ts] [--keep-others]
fraiseql rules apply [rules.ts] [--keep-others]
fraiseql rules pull [rules.ts]
fraiseql rules history NAME
fraiseql rules test NAME [rules.ts] [--last 100]

plan shows what apply would change; it exits with 1 if anything would. apply changes all of it or nothing.
pull writes the rules there are into a file. test says which of the last events of the rule's table it would match, and for
each other one which clause said no; the rule is taken from the file if one is named.
  --keep-others   rules that the file does not name stay
  --last          how many events
${CONFIG_USAGE}`,
  options: { ...CONFIG_OPTION, "keep-others": { type: "boolean" }, last: { type: "string" } },
  run: (input, io) => runSubcommand("rules", { list, plan, apply, pull, history, test }, input, io),
};

const list: Subcommand = async (input, io) => {
  const set = await withOperating(input, io, ({ rules }) => rules.current());
  if (input.json) io.out(JSON.stringify(set));
  else if (set.rules.length === 0) io.out("none");
  else {
    const rows = set.rules.map(({ name, version, broken, definition: { entity, enabled, condition } }) => [
      `${name}@${version}`,
      String(entity),
      broken === undefined ? (enabled === false ? "disabled" : "enabled") : "broken",
      broken ?? (typeof condition === "string" ? condition.replaceAll(/\s+/g, " ") : JSON.stringify(condition)),
    ]);
    for (const line of table(rows)) io.out(line);
  }
  return 0;
};

const plan: Subcommand = async (input, io) => {
  const wanted = await wantedRules(input);
  const planned = await withOperating(input, io, ({ rules }) => rules.plan(wanted));
  if (input.json) io.out(JSON.stringify(planned));
  else io.out(planText(planned.plan));
  return isEmptyPlan(planned.plan) ? 0 : 1;
};

const apply: Subcommand = async (input, io) => {
  const wanted = await wantedRules(input);
  const applied = await withOperating(input, io, ({ rules }) => rules.apply(wanted, { by: BY }));
  if (input.json) io.out(JSON.stringify(applied));
  else io.out(`${planText(applied.plan)}\nThe rules are at version ${applied.rulesVersion}.`);
  return 0;
};

const pull: Subcommand = async (input, io) => {
  const path = input.positionals[0] ?? FILE;
  const set = await withOperating(input, io, ({ rules }) => rules.current());
  await writeFile(
    path,
    writeRulesFile(
      set.rules.map(({ definition }) => definition),
      builderModule(path),
    ),
  );
  io.out(
    input.json ? JSON.stringify({ path, rules: set.rules.length }) : `${set.rules.length} rules written to ${path}`,
  );
  return 0;
};

const history: Subcommand = async (input, io) => {
  const name = nameOf(input);
  const versions = await withOperating(input, io, ({ rules }) => rules.history(name));
  if (input.json) io.out(JSON.stringify({ history: versions }));
  else {
    const rows = versions.map(({ version, changedAt, changedBy, until, definition }) => [
      `${name}@${version}`,
      changedAt,
      changedBy,
      until === undefined ? "current" : `until set ${until}`,
      JSON.stringify(definition["condition"]),
    ]);
    for (const line of table(rows)) io.out(line);
  }
  return versions.length > 0 ? 0 : 1;
};

const test: Subcommand = async (input, io) => {
  const name = nameOf(input);
  const file = input.positionals[1];
  const last = countOf(input.values, "last", 100, 1_000);
  const fromFile = file === undefined ? undefined : (await loadRules(file)).find((rule) => isNamed(rule, name));
  if (file !== undefined && fromFile === undefined) {
    throw new FraiseqlError("NOT_FOUND", `There is no rule ${name} in ${file}.`);
  }
  const tested = await withOperating(input, io, async ({ rules }) => {
    const definition = fromFile ?? (await rules.current()).rules.find((rule) => rule.name === name)?.definition;
    if (definition === undefined) throw new FraiseqlError("NOT_FOUND", `There is no rule ${name}.`);
    return rules.test(definition, { last });
  });
  printTest(tested, input, io);
  return 0;
};

function printTest(tested: RuleTest, input: CommandInput, io: CommandIo): void {
  if (input.json) {
    io.out(JSON.stringify(tested));
    return;
  }
  const rows = tested.outcomes.map(({ eventId, operation, key, matched, reason }) => [
    eventId,
    operation,
    key,
    matched ? "matches" : `no: ${reason ?? ""}`,
  ]);
  for (const line of table(rows)) io.out(line);
  io.out(`${tested.rule} would match ${tested.matched} of the last ${tested.events} events of its table.`);
}

async function wantedRules({ positionals: [path = FILE], values }: CommandInput) {
  return { rules: await loadRules(path), removeOthers: values["keep-others"] !== true };
}

function isNamed(rule: unknown, name: string): boolean {
  return typeof rule === "object" && rule !== null && "name" in rule && rule.name === name;
}

function nameOf({ positionals: [name] }: CommandInput): string {
  if (name === undefined) throw new FraiseqlError("REQUEST_ERROR", "Say which rule: its name.");
  return name;
}
