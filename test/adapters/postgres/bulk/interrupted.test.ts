/** Results that do not come to their end: the caller goes, stalls, or the server or the network does. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { openBunWire } from "../../../../src/adapters/postgres/bulk/bun-wire.ts";
import { openNodeWire } from "../../../../src/adapters/postgres/bulk/node-wire.ts";
import type { OpenWire } from "../../../../src/adapters/postgres/bulk/wire.ts";
import { openDatabase } from "../../../../src/adapters/postgres/database.ts";
import type { BulkReader, BulkResult } from "../../../../src/ports/bulk-reader.ts";
import type { Database } from "../../../../src/ports/database.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { faultProxy } from "../../../support/fault-proxy.ts";
import { type TestDatabase, testDatabase } from "../../../support/postgres.ts";
import { untilSessions } from "../../../support/until.ts";
import { bulkReaders } from "./bulk-readers.ts";

let home: TestDatabase;
let watcher: Database;
beforeAll(async () => {
  home = await testDatabase("interrupted");
  watcher = openDatabase({ url: home.url, applicationName: "watcher", connectionsMax: 1 });
});
afterAll(async () => {
  await watcher.close();
  await home.drop();
});

const select = (text: string) => ({ text, values: [] });
/** 100 MB: far more than sockets and buffers hold. */
const LONG = select("select repeat('x', 1000), n from generate_series(1, 100000) n");
const SLEEPING = select("select pg_sleep(600)");
const readToEnd = async (result: BulkResult): Promise<number> => {
  let length = 0;
  for (let bytes = await result.read(); bytes; bytes = await result.read()) length += bytes.length;
  return length;
};
const untilBackends = (count: number, condition = "true") =>
  untilSessions(watcher, count, `application_name = 'bulk' and (${condition})`);
const answers = async (reader: BulkReader) => expect(await readToEnd(await reader.open(select("select 1")))).toBe(15);

describe.each([
  ["node:net", openNodeWire],
  ["Bun.connect", openBunWire],
])("over %s,", (_name, openWire) => {
  const usual = () => ({ url: home.url, connectionsMax: 1, applicationName: "bulk", openWire });
  const { open, closeAll } = bulkReaders(usual);
  afterEach(closeAll);

  test("an abort amid the rows rejects the read, ends the statement and frees the connection", async () => {
    const reader = open();
    const client = new AbortController();
    const result = await reader.open(LONG, { signal: client.signal });
    expect((await result.read())?.length).toBeGreaterThan(1_000);
    client.abort();
    expect((await failureOf(result.read())).code).toBe("REQUEST_CANCELLED");
    await untilBackends(0);
    await answers(reader);
  });

  test("an abort while nothing comes ends the statement on the server", async () => {
    const reader = open();
    const client = new AbortController();
    const failure = failureOf(reader.open(SLEEPING, { signal: client.signal }).then((result) => result.read()));
    await untilBackends(1, "wait_event = 'PgSleep'");
    client.abort();
    expect((await failure).code).toBe("REQUEST_CANCELLED");
    await untilBackends(0);
    await answers(reader);
  });

  test("an abort before the login is over, and one while waiting for a connection, reject at once", async () => {
    const reader = open();
    const early = new AbortController();
    const first = failureOf(reader.open(LONG, { signal: early.signal }));
    const second = failureOf(reader.open(LONG, { signal: early.signal }));
    early.abort();
    expect([(await first).code, (await second).code]).toEqual(["REQUEST_CANCELLED", "REQUEST_CANCELLED"]);
    expect((await failureOf(reader.open(LONG, { signal: early.signal }))).code).toBe("REQUEST_CANCELLED");
    await answers(reader);
  });

  test("an abort after the end changes nothing", async () => {
    const reader = open();
    const client = new AbortController();
    const result = await reader.open(select("select 1"), { signal: client.signal });
    await readToEnd(result);
    client.abort();
    expect(await result.read()).toBe(undefined);
    await untilBackends(1, "state = 'idle'");
  });

  test("a result that is closed in the middle frees the connection, and is read no more", async () => {
    const reader = open();
    const result = await reader.open(LONG);
    await result.read();
    await result.close();
    await result.close();
    expect((await failureOf(result.read())).message).toContain("closed");
    await untilBackends(0);
    await answers(reader);
  });

  test("a read that waits is rejected by a close", async () => {
    const result = await open().open(
      select("select case n when 20000 then pg_sleep(600)::text else 'soon' end from generate_series(1, 20000) n"),
    );
    const failure = failureOf(readToEnd(result));
    await untilBackends(1, "wait_event = 'PgSleep'");
    await result.close();
    expect((await failure).code).toBe("REQUEST_CANCELLED");
    await untilBackends(0);
  });

  test("closing the reader ends what still runs", async () => {
    const reader = open({ connectionsMax: 3 });
    const sleeping = failureOf(reader.open(SLEEPING).then((result) => result.read()));
    const result = await reader.open(LONG);
    await untilBackends(1, "wait_event = 'PgSleep'");
    await reader.close();
    expect((await sleeping).name).toBe("FraiseqlError");
    expect((await failureOf(result.read())).name).toBe("FraiseqlError");
    await untilBackends(0);
  });

  test("while nobody reads, the server waits and memory does not grow", async () => {
    const reader = open();
    const result = await reader.open(LONG);
    await result.read();
    await untilBackends(1, "wait_event = 'ClientWrite'");
    const before = process.memoryUsage().rss;
    for (let tries = 0; tries < 200; tries += 1) await untilBackends(1, "wait_event = 'ClientWrite'");
    expect(process.memoryUsage().rss - before).toBeLessThan(8 * 2 ** 20);
    // It goes on where it stopped, and nothing is lost.
    expect(await readToEnd(result)).toBeGreaterThan(90_000_000);
  });

  test("a backend that is killed amid the rows rejects, never a short result", async () => {
    const reader = open();
    const result = await reader.open(LONG);
    await result.read();
    await watcher.rows(
      select("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'bulk'"),
    );
    expect((await failureOf(readToEnd(result))).code).toBe("DATABASE_UNAVAILABLE");
    await answers(reader);
  });

  test("an idle connection that the server ends is replaced before anyone notices", async () => {
    let onGone: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      onGone = resolve;
    });
    const watched: OpenWire = (target, events, signal) => {
      const onClosed = (error: Error) => {
        events.onClosed(error);
        onGone();
      };
      return openWire(target, { ...events, onClosed }, signal);
    };
    const reader = open({ openWire: watched });
    await answers(reader);
    await watcher.rows(
      select("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'bulk'"),
    );
    await gone;
    await answers(reader);
  });

  test("a cut network rejects, and the next result has a new connection", async () => {
    const proxy = await faultProxy(home.url);
    const reader = open({ url: proxy.url });
    const result = await reader.open(LONG);
    await result.read();
    proxy.cut();
    expect((await failureOf(readToEnd(result))).code).toBe("DATABASE_UNAVAILABLE");
    await answers(reader);
    await proxy.close();
  });

  test("an abort on a frozen network rejects at once, though the server cannot be told", async () => {
    const proxy = await faultProxy(home.url);
    const reader = open({ url: proxy.url, connectTimeoutMs: 60_000 });
    const client = new AbortController();
    const failure = failureOf(reader.open(SLEEPING, { signal: client.signal }).then((result) => result.read()));
    await untilBackends(1, "wait_event = 'PgSleep'");
    proxy.freeze();
    client.abort();
    expect((await failure).code).toBe("REQUEST_CANCELLED");
    await proxy.close();
    await watcher.rows(select("select pg_cancel_backend(pid) from pg_stat_activity where application_name = 'bulk'"));
    await untilBackends(0);
  });

  test("a frozen network is given up: amid the rows, and at the login", async () => {
    const proxy = await faultProxy(home.url);
    const reader = open({ url: proxy.url, statementTimeoutMs: 500, connectTimeoutMs: 1_000 });
    await answers(reader);
    proxy.freeze();
    const frozen = await failureOf(reader.open(select("select 1")));
    expect(frozen.code).toBe("DATABASE_UNAVAILABLE");
    expect((await failureOf(reader.open(select("select 1")))).code).toBe("DATABASE_UNAVAILABLE");
    proxy.thaw();
    await answers(reader);
    await proxy.close();
  });

  test("nothing that listens, or a port that speaks something else, is said to be so", async () => {
    const other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hello") });
    for (const port of [1, other.port]) {
      const failure = await failureOf(
        open({ url: `postgres://me@127.0.0.1:${port}/d`, connectTimeoutMs: 300 }).open(LONG),
      );
      expect(failure.code).toBe("DATABASE_UNAVAILABLE");
    }
    await other.stop(true);
  });
});
