/** What commands need to work on the example while it runs: `. .fraiseql/settings` in a shell. */
import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EmbeddedDatabase } from "../../src/compose/embedded.ts";
import type { Environment } from "../../src/config/environment.ts";

export type Settings = Readonly<Record<string, string>>;

export function settingsPath(directory: string): string {
  return join(directory, "settings");
}

/**
 * Writes them as lines for a shell, for this account alone, and gives them. The key that webhooks are signed with stays the
 * same from one start to the next.
 */
export async function writeSettings({
  directory,
  database,
  env,
}: {
  readonly directory: string;
  readonly database: EmbeddedDatabase;
  readonly env: Environment;
}): Promise<Settings> {
  const path = settingsPath(directory);
  const before = await readFile(path, "utf8").catch(() => "");
  const key = /^export SECRET_WEBHOOK_KEY='(whsec_[A-Za-z0-9+/=]+)'$/m.exec(before)?.[1];
  const settings: Record<string, string> = {
    DATABASE_URL: database.ownerUrl,
    FRAISEQL_DATABASE_OWNER_URL: database.ownerUrl,
    FRAISEQL_ARTIFACT_PATH: join(directory, "schema.compiled.json"),
    // The example's receiver is on this machine, which webhooks may not call unless it is allowed.
    FRAISEQL_WEBHOOKS_ALLOWED_NETWORKS: "127.0.0.0/8",
    SECRET_WEBHOOK_KEY: key ?? `whsec_${randomBytes(32).toString("base64")}`,
  };
  const servers = Object.entries(env).filter(([name]) => /^(FRAISEQL_)?(NATS|REDIS|UPSTASH_REDIS)_/.test(name));
  Object.assign(settings, Object.fromEntries(servers));
  const lines = Object.entries(settings).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`);
  await rm(path, { force: true });
  await writeFile(path, `${lines.join("\n")}\n`, { mode: 0o600 });
  return settings;
}
