import { randomBytes } from "node:crypto";
import postgres from "postgres";

/**
 * Makes a role that can log in and is nobody's superuser, if it is not there, and gives it rights in the same transaction.
 * The password is new each time: nobody needs it after this process.
 *
 * @param ownerUrl a superuser's URL of the database
 * @param name letters and `_`
 * @param grant gives the rights; `role` is the quoted name
 * @returns the URL of the same database for the role
 */
export async function ensureRole(
  ownerUrl: string,
  name: string,
  grant: (transaction: postgres.TransactionSql, role: postgres.Helper<string>) => Promise<void>,
): Promise<string> {
  const password = randomBytes(24).toString("base64url");
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.begin(async (transaction) => {
      const role = transaction(name);
      const [found] = await transaction`SELECT FROM pg_roles WHERE rolname = ${name}`;
      if (!found) await transaction`CREATE ROLE ${role}`;
      // A parameter cannot stand here. The password is of letters, digits, `-` and `_`.
      await transaction.unsafe(
        `ALTER ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '${password}'`,
      );
      await grant(transaction, role);
    });
  } finally {
    await sql.end();
  }
  const url = new URL(ownerUrl);
  url.username = name;
  url.password = password;
  return url.toString();
}
