/** Whether the artifact fits the database: asked until it does, and not again. */
import { FraiseqlError } from "../core/errors.ts";
import type { Artifact } from "../core/schema/artifact.ts";
import type { Database } from "../ports/database.ts";
import { artifactDifferences, type Comparison } from "./artifact-differences.ts";
import { oneAtATime } from "./one-at-a-time.ts";

export type Verification = {
  /** @throws FraiseqlError ARTIFACT_MISMATCH with every difference; DATABASE_UNAVAILABLE when it cannot be asked */
  verify(): Promise<void>;
  isVerified(): boolean;
  /** As `server_version_num`; undefined until verified. */
  serverVersion(): number | undefined;
};

/** So long a difference is taken to last, lest every request reads the catalog of a database that does not fit. */
const MISMATCH_HOLDS_MS = 1_000;

export function createVerification(artifact: Artifact, database: Database): Verification {
  let isVerified = false;
  let serverVersion: number | undefined;
  let mismatch: { readonly error: FraiseqlError; readonly seenAt: number } | undefined;
  const verify = oneAtATime(async () => {
    if (isVerified) return;
    if (mismatch && performance.now() - mismatch.seenAt < MISMATCH_HOLDS_MS) throw mismatch.error;
    const compared = await artifactDifferences(artifact, database);
    const error = mismatchOf(compared);
    if (error) {
      mismatch = { error, seenAt: performance.now() };
      throw error;
    }
    serverVersion = compared.serverVersion;
    isVerified = true;
  });
  return { verify, isVerified: () => isVerified, serverVersion: () => serverVersion };
}

/** How artifact and database differ is for the log, not for clients. */
export function forClients(error: unknown): unknown {
  if (!(error instanceof FraiseqlError) || error.code !== "ARTIFACT_MISMATCH") return error;
  const message = "The artifact does not fit the database; the server's log says where.";
  return new FraiseqlError("ARTIFACT_MISMATCH", message, { cause: error });
}

/** ARTIFACT_MISMATCH with every difference that would make answers wrong; undefined where there is none. */
function mismatchOf({ differences }: Comparison): FraiseqlError | undefined {
  const wrong = differences.filter((difference) => difference.wrong);
  if (wrong.length === 0) return undefined;
  const lines = wrong.map(({ what, mend }) => `  ${what} ${mend}`);
  return new FraiseqlError("ARTIFACT_MISMATCH", `The artifact does not fit the database:\n${lines.join("\n")}`, {
    details: { differences: wrong.map(({ what, mend }) => ({ what, mend })) },
  });
}
