import {
  inspectMigrations,
  type MigrationOutcome,
  migrateDatabase,
  uninstallMigrations,
} from "../../compose/migrating.ts";
import { readConfig } from "../../config/config-file.ts";
import { FraiseqlError } from "../../core/errors.ts";
import type { Command, CommandIo } from "../command.ts";
import { readIfThere } from "../files.ts";

export const migrate: Command = {
  name: "migrate",
  summary: "make the schema fraiseql and the triggers of observed tables",
  usage: `fraiseql migrate [--dry-run | --check | --uninstall]

Connects as FRAISEQL_DATABASE_OWNER_URL, or else as DATABASE_URL: a role that owns the observed tables. Makes or updates the
schema fraiseql (outbox, rules, ledger) and puts triggers on every table of events.tables, or else of the compiled schema.
Safe to repeat, and on a database in use: it waits for a table 25 ms at a time and lets everybody else go first.

  --dry-run     prints what would be done, and does nothing
  --check       the same, with exit code 1 where anything would be
  --uninstall   takes away all triggers and the schema fraiseql, with the events, rules and deliveries in it`,
  options: { "dry-run": { type: "boolean" }, check: { type: "boolean" }, uninstall: { type: "boolean" } },
  async run({ values, json }, io) {
    const ways = ["dry-run", "check", "uninstall"].filter((way) => values[way] === true);
    if (ways.length > 1) throw new FraiseqlError("CONFIG_INVALID", "Take one of --dry-run, --check and --uninstall.");
    const { database, events, artifact } = await readConfig(io.env);
    const place = { url: database.ownerUrl ?? database.url, connectTimeoutMs: database.connectTimeoutMs };
    if (values["uninstall"] === true) {
      await uninstallMigrations(place);
      io.out(json ? JSON.stringify({ uninstalled: true }) : "The schema fraiseql and all its triggers are gone.");
      return 0;
    }
    const target = { ...place, events, artifact: await readIfThere(artifact.path) };
    if (ways.length === 0) {
      report(await migrateDatabase(target), "done", json, io);
      return 0;
    }
    const left = open(await inspectMigrations(target));
    report(left, "to do", json, io);
    return values["check"] === true && left.migrations.length + left.tables.length > 0 ? 1 : 0;
  },
};

function open({ migrations, tables }: MigrationOutcome): MigrationOutcome {
  return {
    migrations: migrations.filter(({ state }) => state !== "applied"),
    tables: tables.filter(({ state }) => state !== "captured"),
  };
}

const STEPS = { pending: "schema    ", changed: "changed   ", unknown: "unknown   ", altered: "altered   " } as const;
const TRIGGERS = { missing: "triggers  ", superfluous: "released  " } as const;

function report({ migrations, tables }: MigrationOutcome, what: "done" | "to do", json: boolean, io: CommandIo): void {
  if (json) {
    io.out(JSON.stringify({ what, migrations, tables }));
    return;
  }
  for (const { name, state } of migrations) if (state !== "applied") io.out(`${STEPS[state]}${name}`);
  for (const { table, state } of tables) if (state !== "captured") io.out(`${TRIGGERS[state]}${table}`);
  const count = migrations.length + tables.length;
  io.out(count === 0 ? "Everything is in place." : `${count} ${count === 1 ? "step" : "steps"} ${what}.`);
}
