import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Account, accountFor } from "./account.ts";
import { type Binaries, findBinaries } from "./binaries.ts";
import { claimDirectory } from "./claim.ts";
import { placeFor } from "./place.ts";
import { recoverDirectory, startPostmaster } from "./postmaster.ts";

const SUPERUSER = "fraiseql";

export type EmbeddedPostgresOptions = {
  /** Holds the data, the password and the log; made if missing, used again if there. */
  readonly directory: string;
  /** TCP port on 127.0.0.1; by default any free one. */
  readonly port?: number;
  /** Settings of postgresql.conf for this run, e.g. `{ fsync: "off" }`. */
  readonly settings?: Readonly<Record<string, string>>;
};

export type EmbeddedPostgres = {
  /** Superuser URL of the database `postgres`, password included. */
  readonly url: string;
  /** Shuts the server down and gives the directory back. */
  stop(): Promise<void>;
};

/**
 * Starts the PostgreSQL that comes from npm, listening on 127.0.0.1 only, with a random password. It ends with this
 * process, however that ends.
 *
 * @throws FraiseqlError `CONFIG_INVALID` when another living process uses the directory or the platform has no package,
 * `DATABASE_UNAVAILABLE` when PostgreSQL does not start.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = accountFor(resolve(options.directory));
  const { directory, binaries } = await placeFor(resolve(options.directory), await findBinaries(), account);
  await makeDirectory(directory, account);
  const claim = await claimDirectory(directory);
  try {
    const dataDirectory = join(directory, "data");
    await recoverDirectory(dataDirectory);
    const password = await ensureCluster(binaries, directory, dataDirectory, account);
    const port = options.port ?? (await freePort());
    const postmaster = await startPostmaster({
      postgres: binaries.postgres,
      dataDirectory,
      logFile: join(directory, "postgres.log"),
      port,
      account,
      settings: {
        listen_addresses: "127.0.0.1",
        unix_socket_directories: "",
        timezone: "UTC",
        log_timezone: "UTC",
        // The queue and the bus leave some thousand dead rows a second behind them under load.
        autovacuum_naptime: "10s",
        ...options.settings,
      },
    });
    const stop = async () => {
      await postmaster.stop();
      await claim.release();
    };
    return { url: `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`, stop };
  } catch (error) {
    await claim.release();
    throw error;
  }
}

async function makeDirectory(directory: string, account: Account): Promise<void> {
  const parent = dirname(directory);
  const made = await mkdir(parent, { recursive: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (account === undefined) return;
  await chown(directory, account.uid, account.gid);
  if (made === undefined) return;
  // What root made in somebody's checkout belongs to them, as if they had started it.
  const { uid, gid } = await stat(dirname(made));
  await chown(parent, uid, gid);
}

/** Makes the data directory aside and moves it into place when whole, so that an interrupted start leaves no half of one. */
async function ensureCluster(
  binaries: Binaries,
  directory: string,
  dataDirectory: string,
  account: Account,
): Promise<string> {
  const passwordFile = join(directory, "password");
  if (await isDirectory(dataDirectory)) return (await readFile(passwordFile, "utf8")).trim();
  const draft = join(directory, "data.new");
  await rm(draft, { recursive: true, force: true });
  const password = randomBytes(24).toString("base64url");
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await chmod(passwordFile, 0o600);
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid);
  const args = ["--pgdata", draft, "--username", SUPERUSER, "--pwfile", passwordFile, "--auth", "scram-sha-256"];
  const locale = ["--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"];
  // Nothing is in the data directory yet that a crash could lose: the next start would simply make it again.
  const fast = ["--no-sync", "--no-instructions"];
  await promisify(execFile)(binaries.initdb, [...args, ...locale, ...fast], { cwd: "/", ...account });
  await rename(draft, dataDirectory);
  return password;
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, failed) => server.once("error", failed).listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}
