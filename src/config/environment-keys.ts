/** Which environment variable overrides which key: `FRAISEQL_DATABASE_WAIT_MS` is `database.waitMs`. */
import { CONFIG } from "./schema.ts";

/** Variables that other programs set by custom. The key's own variable wins over them. */
const CUSTOMARY = {
  DATABASE_URL: ["database", "url"],
  PORT: ["server", "port"],
  NATS_URL: ["nats", "url"],
  REDIS_URL: ["redis", "url"],
  UPSTASH_REDIS_REST_URL: ["redis", "restUrl"],
  UPSTASH_REDIS_REST_TOKEN: ["redis", "restToken"],
} as const;

export type EnvironmentKey = { readonly variable: string; readonly section: string; readonly key: string };

/** Every variable that is read, the customary ones first, so that later ones win. */
export function environmentKeys(): readonly EnvironmentKey[] {
  const own = Object.entries(CONFIG.shape).flatMap(([section, schema]) =>
    Object.keys(schema.def.innerType.shape).map((key) => ({ variable: variableOf(section, key), section, key })),
  );
  return [...Object.entries(CUSTOMARY).map(([variable, [section, key]]) => ({ variable, section, key })), ...own];
}

function variableOf(section: string, key: string): string {
  return `FRAISEQL_${section}_${key.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase();
}
