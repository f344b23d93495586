import { ensureRole } from "./ensure-role.ts";

const WRITER = "fraiseql_writer";

/**
 * Gives a role that can read and change the rows of the database, and nothing else: it owns no table and makes none. What
 * FraiseQL keeps for itself it sees no more of than the answers to idempotent requests.
 *
 * @param ownerUrl a superuser's URL of the database
 * @returns the URL of the same database for the role
 */
export function ensureWriter(ownerUrl: string): Promise<string> {
  return ensureRole(ownerUrl, WRITER, async (transaction, role) => {
    const schemas = await transaction<{ name: string }[]>`
      SELECT nspname AS name FROM pg_namespace
      WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'fraiseql')`;
    for (const { name } of schemas) {
      const schema = transaction(name);
      await transaction`GRANT USAGE ON SCHEMA ${schema} TO ${role}`;
      await transaction`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`;
      await transaction`GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`;
      const later = transaction`ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema}`;
      await transaction`${later} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role}`;
      await transaction`${later} GRANT USAGE ON SEQUENCES TO ${role}`;
    }
    const [keys] = await transaction`SELECT to_regclass('fraiseql.idempotency_keys') AS name`;
    if (keys?.["name"]) {
      await transaction`GRANT USAGE ON SCHEMA fraiseql TO ${role}`;
      await transaction`GRANT SELECT, INSERT, UPDATE, DELETE ON fraiseql.idempotency_keys TO ${role}`;
    }
  });
}
