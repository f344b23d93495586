import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import postgres from "postgres";
import { startEmbeddedPostgres } from "../../src/adapters/embedded-postgres/start.ts";
import { FraiseqlError } from "../../src/core/errors.ts";
import { familyOf, gone, isAlive, killAll } from "../support/processes.ts";
import { until } from "../support/until.ts";

const ROOT = join(import.meta.dir, "..", "..");
const SETTINGS = { fsync: "off", shared_buffers: "16MB", max_connections: "10" };
const isRoot = process.getuid?.() === 0;

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "fraiseql embedded "));
  await chmod(base, 0o711);
});
afterAll(() => rm(base, { recursive: true, force: true }));

async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return [...(await sql.unsafe(text))];
  } finally {
    await sql.end();
  }
}

/** Starts the server in a process of its own, which can be killed, and waits for its URL. */
async function startElsewhere(directory: string) {
  const program = `
    import { startEmbeddedPostgres } from ${JSON.stringify(join(ROOT, "src/adapters/embedded-postgres/start.ts"))};
    const { url } = await startEmbeddedPostgres({ directory: ${JSON.stringify(directory)}, settings: ${JSON.stringify(SETTINGS)} });
    console.log(url);
    setInterval(() => {}, 1 << 30);
  `;
  const file = join(base, `elsewhere-${crypto.randomUUID()}.ts`);
  await writeFile(file, program);
  const child = Bun.spawn([process.execPath, file], { stdout: "pipe", stderr: "inherit", cwd: ROOT });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const url = new TextDecoder().decode(value).trim();
  const postmaster = Number((await readFile(join(directory, "data", "postmaster.pid"), "utf8")).split("\n")[0]);
  return { child, url, postmaster };
}

/** Resolves when the file holds the text; the test's own timeout is the limit. */
function logged(path: string, text: string): Promise<void> {
  return until(async () => (await readFile(path, "utf8")).includes(text));
}

describe("the embedded PostgreSQL", () => {
  test("keeps its data from one start to the next, in a path with a space", async () => {
    const directory = join(base, "kept");
    const first = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    await query(first.url, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('still here')");
    await first.stop();
    const second = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    expect(await query(second.url, "SELECT word FROM kept")).toEqual([{ word: "still here" }]);
    await second.stop();
  });

  test("asks for a password and listens on 127.0.0.1 only", async () => {
    const server = await startEmbeddedPostgres({ directory: join(base, "closed"), settings: SETTINGS });
    const wrong = new URL(server.url);
    wrong.password = "guess";
    await expect(query(wrong.toString(), "SELECT 1")).rejects.toThrow("password authentication failed");
    expect(await query(server.url, "SHOW listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
    expect((await stat(join(base, "closed", "password"))).mode & 0o777).toBe(0o600);
    await server.stop();
  });

  test("refuses a directory that a living process uses, and says which", async () => {
    const directory = join(base, "taken");
    const server = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    const second = startEmbeddedPostgres({ directory, settings: SETTINGS });
    await expect(second).rejects.toThrow(`Another FraiseQL (process ${process.pid}) is using ${directory}`);
    expect(await query(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await server.stop();
  });

  test("says what PostgreSQL complained about when it does not start", async () => {
    const start = startEmbeddedPostgres({ directory: join(base, "bad"), settings: { shared_buffers: "nonsense" } });
    const error = await start.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FraiseqlError);
    expect(String(error)).toContain('invalid value for parameter "shared_buffers"');
    expect(String(error)).toContain(join(base, "bad", "postgres.log"));
  });

  test("ends with the process that started it, even when that is killed", async () => {
    const directory = join(base, "orphan");
    const { child, postmaster } = await startElsewhere(directory);
    expect(isAlive(postmaster)).toBe(true);
    child.kill("SIGKILL");
    await gone(postmaster);
    const again = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    await again.stop();
  });

  test("recovers after everything was killed at once", async () => {
    const directory = join(base, "killed");
    const { child, url, postmaster } = await startElsewhere(directory);
    await query(url, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('committed')");
    process.kill(postmaster, "SIGKILL");
    child.kill("SIGKILL");
    await child.exited;
    expect(existsSync(join(directory, "data", "postmaster.pid"))).toBe(true);
    const again = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    expect(await query(again.url, "SELECT word FROM kept")).toEqual([{ word: "committed" }]);
    await again.stop();
  });

  test.skipIf(process.platform !== "linux")("takes over from a server that outlived its owner", async () => {
    const directory = join(base, "outlived");
    const { child, url, postmaster } = await startElsewhere(directory);
    await query(url, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('committed')");
    // The shell between them goes first, so nothing is left to pass the end on.
    const parent = Number((await readFile(`/proc/${postmaster}/stat`, "utf8")).replace(/^.*\) \S /, "").split(" ")[0]);
    const server = new Set(familyOf(postmaster));
    killAll(familyOf(parent).filter((pid) => !server.has(pid)));
    child.kill("SIGKILL");
    await child.exited;
    expect(isAlive(postmaster)).toBe(true);
    const again = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    expect(isAlive(postmaster)).toBe(false);
    expect(await query(again.url, "SELECT word FROM kept")).toEqual([{ word: "committed" }]);
    await again.stop();
  });

  test.skipIf(process.platform !== "linux")("waits for a process of a killed server that is still busy", async () => {
    const directory = join(base, "busy");
    const { child, url, postmaster } = await startElsewhere(directory);
    const session = postgres(url, { max: 1, onnotice: () => {} });
    const [row] = await session`SELECT pg_backend_pid() AS pid`;
    const backend = Number(row?.["pid"]);
    // Stopped, it cannot notice that its server is gone, like one in a long statement.
    process.kill(backend, "SIGSTOP");
    process.kill(postmaster, "SIGKILL");
    child.kill("SIGKILL");
    await child.exited;
    const again = startEmbeddedPostgres({ directory, settings: SETTINGS });
    await logged(join(directory, "postgres.log"), "pre-existing shared memory block");
    process.kill(backend, "SIGCONT");
    expect(await query((await again).url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await (await again).stop();
    await session.end({ timeout: 0 });
  });

  test("is not held up by a lock file that names some other process", async () => {
    const directory = join(base, "reused");
    const first = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    await first.stop();
    const lock = join(directory, "data", "postmaster.pid");
    await writeFile(lock, `${process.pid}\n${join(directory, "data")}\n1\n5432\n\n127.0.0.1\n0 0\nready   \n`);
    const again = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    await again.stop();
  });

  test("makes the cluster anew when its making was interrupted", async () => {
    const directory = join(base, "interrupted");
    await mkdir(join(directory, "data.new"), { recursive: true });
    await writeFile(join(directory, "data.new", "half"), "half");
    const server = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    expect(await query(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await server.stop();
  });

  test.skipIf(!isRoot)("runs as the owner of the folder when root starts it", async () => {
    const directory = join(base, "owned");
    await mkdir(directory);
    await chown(directory, 1, 1);
    const server = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    expect((await stat(join(directory, "data"))).uid).toBe(1);
    await server.stop();
  });

  test.skipIf(!isRoot)("starts as root below a folder that is closed to everybody else", async () => {
    const closed = join(base, "closed to others");
    await mkdir(closed, { mode: 0o700 });
    const directory = join(closed, "state", "postgres");
    const first = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    await query(first.url, "CREATE TABLE kept (word text)");
    await first.stop();
    const second = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    expect(await query(second.url, "SELECT count(*)::int AS rows FROM kept")).toEqual([{ rows: 0 }]);
    await second.stop();
    const outside = await readlink(directory);
    expect(outside).toStartWith("/var/tmp/fraiseql-");
    await rm(directory);
    const third = await startEmbeddedPostgres({ directory, settings: SETTINGS });
    await expect(query(third.url, "SELECT 1 FROM kept")).rejects.toThrow('relation "kept" does not exist');
    await third.stop();
    await rm(dirname(outside), { recursive: true });
  });
});
