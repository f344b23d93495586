/** A PostgreSQL with TLS of its own, whose certificate can be changed while it runs. */
import { chmod, chown, copyFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { startEmbeddedPostgres } from "../../src/adapters/embedded-postgres/start.ts";
import { openSocket } from "../../src/adapters/postgres/connection/open-socket.ts";
import { parseConnectionUrl } from "../../src/adapters/postgres/connection/url.ts";
import { runSql } from "./postgres.ts";

/** A file of `test/support/tls`, made by `make.sh` there. */
export const tlsFile = (name: string): string => join(import.meta.dir, "tls", name);

const HBA = `
local   all all          scram-sha-256
hostssl all in_clear all password
hostssl all in_md5   all md5
host    all all      all scram-sha-256
`;

export type TlsServer = {
  /** The URL by the name in the certificate, `localhost`, with these parameters. */
  url(parameters: string, user?: string): string;
  /** Holds the server's Unix socket. */
  readonly socketDirectory: string;
  /** From when this resolves on, connections are shown the certificate `server-<kind>.crt`; at first it is `rsa-sha256`. */
  present(kind: string): Promise<void>;
  stop(): Promise<void>;
};

/** Its roles `in_scram`, `in_md5` and `in_clear` have the password `pässword`, and log in as their names say. */
export async function startTlsServer(): Promise<TlsServer> {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql-tls-"));
  await chmod(directory, 0o755);
  const hba = join(directory, "hba");
  await writeFile(hba, HBA, { mode: 0o644 });
  const server = await startEmbeddedPostgres({
    directory: join(directory, "postgres"),
    settings: { hba_file: hba, fsync: "off", unix_socket_directories: join(directory, "postgres") },
  });
  const [certificate, key] = [join(directory, "server.crt"), join(directory, "server.key")];
  const { uid, gid } = await stat(join(directory, "postgres"));
  await copyFile(tlsFile("server.key"), key);
  await chmod(key, 0o600);
  if (process.getuid?.() === 0) await chown(key, uid, gid);
  await runSql(
    server.url,
    `SET password_encryption = 'md5'; CREATE ROLE in_md5 LOGIN PASSWORD 'pässword';
     SET password_encryption = 'scram-sha-256';
     CREATE ROLE in_clear LOGIN PASSWORD 'pässword'; CREATE ROLE in_scram LOGIN PASSWORD 'pässword';`,
  );
  for (const [name, value] of Object.entries({ ssl_cert_file: certificate, ssl_key_file: key, ssl: "on" })) {
    await runSql(server.url, `ALTER SYSTEM SET ${name} = '${value}'`);
  }
  const url = (parameters: string, user = "in_scram") => {
    const changed = new URL(`${server.url}?${parameters}`);
    changed.hostname = "localhost";
    changed.username = user;
    changed.password = encodeURIComponent("pässword");
    return changed.href;
  };
  const presented = async () => {
    const socket = await openSocket(parseConnectionUrl(url("sslmode=prefer")), new AbortController().signal);
    const { raw } = "getPeerCertificate" in socket ? (socket as TLSSocket).getPeerCertificate() : {};
    socket.destroy();
    return raw?.toString("base64");
  };
  const present = async (kind: string) => {
    const pem = await readFile(tlsFile(`server-${kind}.crt`), "utf8");
    await writeFile(certificate, pem);
    await runSql(server.url, "SELECT pg_reload_conf()");
    const wanted = pem.replaceAll(/-----.*-----|\n/g, "");
    while ((await presented()) !== wanted);
  };
  await present("rsa-sha256");
  const stop = async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { url, socketDirectory: join(directory, "postgres"), present, stop };
}
