import { ensureRole } from "./ensure-role.ts";

const READER = "fraiseql_reader";

/**
 * Gives a role that can read the database and do nothing else, so that what is served is not served by a superuser. Tables
 * that the superuser makes later can be read too, what FraiseQL keeps for itself cannot; EXECUTE on functions is everybody's
 * unless revoked.
 *
 * @param ownerUrl a superuser's URL of the database
 * @returns the URL of the same database for the role
 */
export function ensureReader(ownerUrl: string): Promise<string> {
  return ensureRole(ownerUrl, READER, async (transaction, role) => {
    await transaction`ALTER ROLE ${role} SET default_transaction_read_only = on`;
    const schemas = await transaction<{ name: string }[]>`
      SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`;
    for (const { name } of schemas) {
      const schema = transaction(name);
      if (name === "fraiseql") {
        await transaction`REVOKE ALL ON SCHEMA ${schema} FROM ${role}`;
        continue;
      }
      await transaction`GRANT USAGE ON SCHEMA ${schema} TO ${role}`;
      await transaction`GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role}`;
    }
    await transaction`ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO ${role}`;
    await transaction`ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${role}`;
  });
}
