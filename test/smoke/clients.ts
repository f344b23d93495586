/** Clients of servers under test: such that read, stall or leave, and what is seen of them in PostgreSQL and in memory. */
import { expect } from "bun:test";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import type { Database } from "../../src/ports/database.ts";
import { untilSessions } from "../support/until.ts";
import type { ServerProcess } from "./servers.ts";

export const post = (url: string, query: string, headers: Readonly<Record<string, string>>, signal?: AbortSignal) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query }),
    ...(signal ? { signal } : {}),
  });

/** Waits until so many statements of the server under test meet the condition. */
export const untilStatements = (watcher: Database, count: number, condition: string) =>
  untilSessions(watcher, count, `application_name = 'fraiseql' and state = 'active' and ${condition}`);

type Large = { readonly query: string; readonly accept: string; readonly table: string };

/** A client that asks and goes away: its statement, which names the table, ends. */
export async function expectStatementEnds(watcher: Database, url: string, { query, accept, table }: Large) {
  const client = new AbortController();
  const gone = post(url, query, { accept }, client.signal).catch(() => "gone");
  await untilStatements(watcher, 1, `query like '%${table}%'`);
  client.abort();
  expect(await gone).toBe("gone");
  await untilStatements(watcher, 0, `query like '%${table}%'`);
}

/** A client that asks and reads nothing: PostgreSQL waits, and the server's memory does not grow. */
export async function expectStallIsPassedOn(watcher: Database, server: ServerProcess, { query, accept, table }: Large) {
  const before = await residentBytes(server.pid);
  const socket = await stalled(server.url, query, accept);
  await untilStill(watcher, table);
  expect((await residentBytes(server.pid)) - before).toBeLessThan(100e6);
  socket.destroy();
  await untilSessions(watcher, 0, readingOf(table));
}

const readingOf = (table: string) => `application_name = 'fraiseql' and state <> 'idle' and query like '%${table}%'`;

/**
 * Waits until the sessions that read the table wait for the server, and still for the same in so many looks one after the other: to be
 * read from, or, with a part of the table whole on its way, for the word to send the next.
 */
async function untilStill(watcher: Database, table: string): Promise<void> {
  const text = `select pid, state_change, wait_event from pg_stat_activity
    where datname = current_database() and ${readingOf(table)} order by pid`;
  let [before, looks] = ["", 0];
  while (looks < 100) {
    const sessions = await watcher.rows({ text, values: [] });
    const wait = sessions.every(([, , event]) => event === "ClientWrite" || event === "ClientRead");
    const now = JSON.stringify(sessions);
    looks = sessions.length > 0 && wait && now === before ? looks + 1 : 0;
    before = now;
  }
}

/** Says what it wants and reads nothing. */
function stalled(url: string, query: string, accept: string): Promise<Socket> {
  const { hostname, port, pathname } = new URL(url);
  const head = `GET ${pathname}?query=${encodeURIComponent(query)} HTTP/1.1\r\nhost: ${hostname}:${port}\r\naccept: ${accept}\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(head, () => resolve(socket)));
    socket.on("error", reject);
    socket.pause();
  });
}

export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
