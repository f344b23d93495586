import postgres from "postgres";

/**
 * What the superuser makes without naming a schema goes to `public`: he is called as the schema is that FraiseQL keeps for
 * itself, and PostgreSQL would look there first.
 *
 * @param ownerUrl a superuser's URL of the database
 */
export async function lookInPublic(ownerUrl: string): Promise<void> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql<{ name: string }[]>`SELECT current_database() AS name`;
    await sql`ALTER DATABASE ${sql(row?.name ?? "")} SET search_path = public`;
  } finally {
    await sql.end();
  }
}
