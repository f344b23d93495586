import { randomBytes } from "node:crypto";
import postgres from "postgres";

const READER = "fraiseql_reader";

/**
 * Gives a role that can read the database and do nothing else, so that what is served is not served by a superuser.
 * Tables that the superuser makes later can be read too, what FraiseQL keeps for itself cannot; EXECUTE on functions is everybody's unless revoked. The password is new each time: nobody needs it after this process.
 *
 * @param ownerUrl a superuser's URL of the database
 * @returns the URL of the same database for the role
 */
export async function ensureReader(ownerUrl: string): Promise<string> {
  const password = randomBytes(24).toString("base64url");
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.begin(async (transaction) => {
      const role = transaction(READER);
      const [found] = await transaction`SELECT FROM pg_roles WHERE rolname = ${READER}`;
      if (!found) await transaction`CREATE ROLE ${role}`;
      // A parameter cannot stand here. The password is of letters, digits, `-` and `_`.
      await transaction.unsafe(
        `ALTER ROLE ${READER} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '${password}'`,
      );
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
  } finally {
    await sql.end();
  }
  const url = new URL(ownerUrl);
  url.username = READER;
  url.password = password;
  return url.toString();
}
