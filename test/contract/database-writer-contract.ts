import { strict as assert } from "node:assert";
import { FraiseqlError } from "../../src/core/errors.ts";
import type { Statement } from "../../src/ports/database.ts";
import type { DatabaseWriter, WriteStep } from "../../src/ports/database-writer.ts";
import { type Contract, FAILURES, refusal, seen, select } from "./contract.ts";

const text = (answer: string | Uint8Array | null) =>
  answer === null || typeof answer === "string" ? answer : new TextDecoder().decode(answer);

/** One value of a transaction of its own. */
const value = (writer: DatabaseWriter, sql: string, ...values: string[]) =>
  writer.transaction({}, async (step) => ({ commit: true, value: (await step(select(sql, ...values)))[0]?.[0] }));

const makeTable = (writer: DatabaseWriter) =>
  value(writer, "create table if not exists written (word text primary key)").then(() =>
    value(writer, "delete from written"),
  );
const words = (writer: DatabaseWriter) => value(writer, "select string_agg(word, ',' order by word) from written");
const insert = (word: string) => select("insert into written values ($1) returning word", word);

const CONTEXT =
  "select concat_ws('|', coalesce(current_setting('fraiseql.org', true), ''), coalesce(current_setting('fraiseql.actor', true), ''), coalesce(current_setting('fraiseql.traceparent', true), ''), coalesce(current_setting('fraiseql.cause', true), ''))";
const WHO = { org: "o'1", actor: "a", traceparent: "t", cause: "c" };

/** As many as a writer of the contract has. */
const CONNECTIONS = 2;

/** Whoever spreads writes by how long they take has seen enough of these. */
async function known(writer: DatabaseWriter, of: (turn: string) => Statement): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await writer.write(of(`known ${turn}`), {});
}

/** Writes the words at the same time: what was answered of each, its word or the code of its failure. */
function crowd(
  writer: DatabaseWriter,
  words: readonly string[],
  of: (word: string) => Statement,
): Promise<readonly (string | null)[]> {
  // With a setting for the trace and without.
  const contextOf = (word: string, place: number) => (place % 2 === 0 ? { traceparent: word } : {});
  const answer = async (word: string, place: number) => text(await writer.write(of(word), contextOf(word, place)));
  const failure = (error: unknown) => (error instanceof FraiseqlError ? error.code : String(error));
  return Promise.all(words.map((word, place) => answer(word, place).catch(failure)));
}

export const DATABASE_WRITER_CONTRACT: Contract<DatabaseWriter> = {
  "a statement is committed, and its text comes back untouched": async (open, url) => {
    const writer = open(url);
    await makeTable(writer);
    const word = `Zażółć 🏃 "${"x".repeat(100_000)}"`;
    assert.equal(text(await writer.write(insert(word), {})), word);
    assert.equal(await words(open(url)), word);
    const nobody = select("update written set word = 'x' where word = 'nobody' returning word");
    assert.equal(await writer.write(nobody, {}), null);
  },

  "the context stands in the settings of its own transaction and of no other": async (open, url) => {
    const writer = open(url);
    assert.equal(text(await writer.write(select(CONTEXT), WHO)), "o'1|a|t|c");
    assert.equal(text(await writer.write(select(CONTEXT), { traceparent: "t2" })), "||t2|");
    assert.equal(text(await writer.write(select(CONTEXT), {})), "|||");
    const inside = async (step: WriteStep) => ({ commit: true, value: (await step(select(CONTEXT)))[0]?.[0] });
    assert.equal(await writer.transaction(WHO, inside), "o'1|a|t|c");
    assert.equal(text(await writer.write(select(CONTEXT), {})), "|||");
  },

  "a statement that fails has its code, changes nothing and harms no later one": async (open, url) => {
    const writer = open(url);
    await makeTable(writer);
    for (const { statement, code } of FAILURES) {
      assert.equal((await refusal(writer.write(statement, {}))).code, code, statement.text);
      assert.equal(text(await writer.write(insert(code + statement.text.length), {})), code + statement.text.length);
    }
    await value(writer, "delete from written");
    await writer.write(insert("a"), {});
    const error = await refusal(writer.write(insert("a"), {}));
    assert.equal(error.code, "UNIQUE_VIOLATED");
    assert.deepEqual(error.details, {
      constraint: "written_pkey",
      table: { schema: "public", name: "written" },
      columns: ["word"],
    });
  },

  "a transaction is committed or rolled back as its work says": async (open, url) => {
    const writer = open(url);
    await makeTable(writer);
    const write = (word: string, commit: boolean) =>
      writer.transaction({}, async (step) => {
        await step(insert(word));
        await step(insert(`${word}${word}`));
        return { commit, value: word };
      });
    assert.equal(await write("kept", true), "kept");
    assert.equal(await write("gone", false), "gone");
    assert.equal(await words(writer), "kept,keptkept");
  },

  "a transaction whose work throws or whose step fails changes nothing": async (open, url) => {
    const writer = open(url);
    await makeTable(writer);
    const thrown = new Error("mine");
    const failing = writer.transaction({}, async (step) => {
      await step(insert("a"));
      throw thrown;
    });
    assert.equal(await failing.catch((error) => error), thrown);
    const refused = await refusal(
      writer.transaction({}, async (step) => {
        await step(insert("b"));
        await step(select("select 1 / 0"));
        return { commit: true, value: "" };
      }),
    );
    assert.equal(refused.code, "DATABASE_ERROR");
    assert.equal(await words(writer), null);
  },

  "a constraint that is checked at the end of the transaction fails it": async (open, url) => {
    const writer = open(url);
    await value(writer, "create table if not exists late (id int unique deferrable initially deferred)");
    const twice = select("insert into late values (1), (1) returning id");
    assert.equal((await refusal(writer.write(twice, {}))).code, "UNIQUE_VIOLATED");
    const work = async (step: WriteStep) => ({ commit: true, value: (await step(twice)).length });
    assert.equal((await refusal(writer.transaction({}, work))).code, "UNIQUE_VIOLATED");
    assert.equal(await value(writer, "select count(*)::text from late"), "0");
  },

  "a table that was changed between two statements is no error": async (open, url) => {
    const writer = open(url);
    await value(writer, "drop table if exists shape");
    await value(writer, "create table shape (a text)");
    const all = select("insert into shape values ('1') returning *");
    const inside = async (step: WriteStep) => ({ commit: true, value: (await step(all)).length });
    assert.equal(text(await writer.write(all, {})), "1");
    assert.equal(await writer.transaction({}, inside), 1);
    await value(writer, "alter table shape add b text");
    assert.equal(await writer.transaction({}, inside), 1);
    await value(writer, "alter table shape add c text");
    assert.equal(text(await writer.write(all, {})), "1");
    assert.equal(await value(writer, "select count(*)::text from shape"), "4");
  },

  "a caller that goes away is told so, its statement ends, and nothing is changed": async (open, url) => {
    const [writer, watcher] = [open(url), open(url)];
    await makeTable(watcher);
    const isRunning = async (mark: string) =>
      (await value(
        watcher,
        "select count(*)::text from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and strpos(query, $1) > 0",
        mark,
      )) !== "0";
    for (const mark of ["'leaving'", "'inside'"]) {
      const caller = new AbortController();
      const slow = select(`insert into written select ${mark} || pg_sleep(600)::text returning word`);
      const answer = refusal(
        mark === "'leaving'"
          ? writer.write(slow, {}, { signal: caller.signal })
          : writer.transaction({}, async (step) => ({ commit: true, value: await step(slow) }), {
              signal: caller.signal,
            }),
      );
      await seen("the statement runs", () => isRunning(mark));
      caller.abort();
      assert.equal((await answer).code, "REQUEST_CANCELLED");
      await seen("the statement has ended", async () => !(await isRunning(mark)));
    }
    assert.equal(await words(writer), null);
  },

  "of many writes that come at once each has its own answer, context and fate": async (open, url) => {
    const writer = open(url);
    await makeTable(writer);
    const traced = (word: string) =>
      select(
        `insert into written values ($1) returning word || '|' || coalesce(current_setting('fraiseql.traceparent', true), '')`,
        word,
      );
    await known(writer, traced);
    await value(writer, "delete from written");
    const several = Array.from({ length: 300 }, (_, turn) => `word ${turn % 250}`);
    const answers = await crowd(writer, several, traced);
    const expected = several.map((word, turn) =>
      turn < 250 ? `${word}|${turn % 2 === 0 ? word : ""}` : "UNIQUE_VIOLATED",
    );
    // The second of two equal words may come first.
    assert.deepEqual([...answers].sort(), expected.sort());
    assert.equal(await value(writer, "select count(*)::text from written"), "250");
  },

  "a write that waits for a lock holds up none of those that came with it, and is done when it gets it": async (
    open,
    url,
  ) => {
    const [writer, holder] = [open(url), open(url)];
    await makeTable(writer);
    await value(writer, "insert into written select 'word ' || n from generate_series(0, 29) as n");
    const shout = (word: string) =>
      select("update written set word = upper(word) where word = $1 and $2 = '' returning word", word, "");
    await known(writer, shout);
    let waiting: ReturnType<typeof crowd> | undefined;
    await holder.transaction({}, async (step) => {
      await step(select("select from written where word = 'word 3' for update"));
      const several = Array.from({ length: 30 }, (_, turn) => `word ${turn}`);
      const locked = several.splice(3, 1);
      const before = crowd(writer, several.slice(0, 3), shout);
      waiting = crowd(writer, locked, shout);
      const behind = crowd(writer, several.slice(3), shout);
      const written = [...(await before), ...(await behind)];
      assert.deepEqual(
        written,
        several.map((word) => word.toUpperCase()),
      );
      return { commit: false, value: "" };
    });
    assert.deepEqual(await waiting, ["WORD 3"]);
  },

  "a write that waits as it commits, for a constraint checked there, holds up none of those behind it": async (
    open,
    url,
  ) => {
    const [writer, holder] = [open(url), open(url)];
    await value(writer, "create table if not exists awaited (word text unique deferrable initially deferred)");
    await value(writer, "delete from awaited");
    const insertLate = (word: string) => select("insert into awaited values ($1) returning word", word);
    await known(writer, insertLate);
    let waiting: ReturnType<typeof crowd> | undefined;
    await holder.transaction({}, async (step) => {
      await step(insertLate("same"));
      const before = crowd(writer, ["word 0", "word 1", "word 2"], insertLate);
      waiting = crowd(writer, ["same"], insertLate);
      const several = Array.from({ length: 30 }, (_, turn) => `word ${turn + 3}`);
      assert.deepEqual(await crowd(writer, several, insertLate), several);
      assert.deepEqual(await before, ["word 0", "word 1", "word 2"]);
      return { commit: true, value: "" };
    });
    assert.deepEqual(await waiting, ["UNIQUE_VIOLATED"]);
  },

  "the short limits of writes that come at once end with their crowd": async (open, url) => {
    const writer = open(url);
    const LIMITS = "current_setting('statement_timeout') || ' ' || current_setting('lock_timeout')";
    const limits = (word: string) => select(`select ${LIMITS} || ' ' || pg_backend_pid() where $1 <> ''`, word);
    const parted = (answer: string | null) => /^(.*) (\d+)$/.exec(answer ?? "")?.slice(1) ?? [];
    await value(writer, "select 'a connection'");
    await known(writer, limits);
    const alone = parted(text(await writer.write(limits("alone"), {})))[0];
    const several = Array.from({ length: 200 }, (_, turn) => `word ${turn}`);
    const answers = (await crowd(writer, several, limits)).map(parted);
    const shared = new Set(answers.filter(([limit]) => limit === "50ms 50ms").map(([, session]) => session));
    assert.ok(shared.size > 0 && alone !== "50ms 50ms");
    // All sessions at once, each in a transaction: the crowd's are among them when it is over.
    const all = async () => {
      const here: (string | undefined)[][] = [];
      const met = Promise.withResolvers<void>();
      const visit = () =>
        writer.transaction({}, async (step) => {
          const [row] = await step(limits("inside"));
          if (here.push(parted(row?.[0] ?? null)) === CONNECTIONS) met.resolve();
          await met.promise;
          return { commit: true, value: "" };
        });
      await Promise.all(Array.from({ length: CONNECTIONS }, visit));
      return here;
    };
    const sessions = await all();
    assert.deepEqual([...new Set(sessions.map(([limit]) => limit))], [alone]);
    assert.ok([...shared].every((session) => sessions.some(([, each]) => each === session)));
  },

  "of writes whose session the server ends, none has happened that is said not to have": async (open, url) => {
    const [writer, watcher] = [open(url), open(url)];
    await makeTable(writer);
    await known(writer, insert);
    await value(writer, "delete from written");
    const kill =
      "select count(pg_terminate_backend(pid))::text from pg_stat_activity where pid <> pg_backend_pid() and query ~ 'insert into written values|fraiseql.traceparent'";
    let killed = 0;
    for (let round = 0; round < 5; round += 1) {
      const several = Array.from({ length: 400 }, (_, turn) => `word ${round} ${turn}`);
      const [answers] = await Promise.all([
        crowd(writer, several, insert),
        value(watcher, kill).then((count) => {
          killed += Number(count);
        }),
      ]);
      const there = new Set((await words(watcher))?.split(","));
      for (const [turn, word] of several.entries()) {
        if (answers[turn] === word) assert.ok(there.has(word), `${word} was answered and is not there`);
        else if (answers[turn] === "DATABASE_UNAVAILABLE")
          assert.ok(!there.has(word), `${word} was refused and is there`);
        else assert.equal(answers[turn], "OUTCOME_UNKNOWN");
      }
    }
    assert.ok(killed > 0);
  },

  "writes come through again after the sessions of a crowd were ended while none of it ran": async (open, url) => {
    const [writer, watcher] = [open(url), open(url)];
    await makeTable(writer);
    await known(writer, insert);
    const kill =
      "select count(pg_terminate_backend(pid))::text from pg_stat_activity where pid <> pg_backend_pid() and query ~ 'insert into written values|fraiseql.traceparent|_timeout|reset all'";
    for (let round = 0; round < 20; round += 1) {
      const several = Array.from({ length: 100 }, (_, turn) => `${round} ${turn}`);
      assert.deepEqual(await crowd(writer, several, insert), several);
      assert.notEqual(await value(watcher, kill), "0");
      // What is sent before the end of its session is known may have happened, for all that is known here.
      const next = await crowd(
        writer,
        several.map((word) => `then ${word}`),
        insert,
      );
      for (const answer of next) assert.match(answer ?? "", /^(then .*|OUTCOME_UNKNOWN|DATABASE_UNAVAILABLE)$/);
    }
    assert.equal(text(await writer.write(insert("last"), {})), "last");
  },

  "a caller that goes away while many write is told so, and harms none of them": async (open, url) => {
    const writer = open(url);
    await makeTable(writer);
    await known(writer, insert);
    await value(writer, "delete from written");
    const leaving = new AbortController();
    const staying = crowd(
      writer,
      Array.from({ length: 200 }, (_, turn) => `word ${turn}`),
      insert,
    );
    const left = Array.from({ length: 50 }, (_, turn) =>
      writer.write(insert(`left ${turn}`), {}, { signal: leaving.signal }).then(text, (error) => error.code),
    );
    leaving.abort();
    for (const answer of await Promise.all(left)) assert.match(answer, /^(left \d+|REQUEST_CANCELLED)$/);
    assert.deepEqual(
      await staying,
      Array.from({ length: 200 }, (_, turn) => `word ${turn}`),
    );
  },

  "a database that cannot be reached is DATABASE_UNAVAILABLE: nothing was sent": async (open, url) => {
    const nobody = new URL(url);
    nobody.port = "1";
    assert.equal((await refusal(open(nobody.href).write(select("select 'x'"), {}))).code, "DATABASE_UNAVAILABLE");
  },

  "a session that the server ends has changed nothing, and the server says so": async (open, url) => {
    const [writer, watcher] = [open(url), open(url)];
    const killed = async (mark: string) => {
      const kill =
        "select count(pg_terminate_backend(pid))::text from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and strpos(query, $1) > 0";
      await seen("a session was ended", async () => (await value(watcher, kill, mark)) !== "0");
    };
    // The server says itself that it ended the session, and so that nothing was committed.
    const told = refusal(writer.write(select("select pg_sleep(600)::text || 'told'"), {}));
    await killed("'told'");
    assert.equal((await told).code, "DATABASE_UNAVAILABLE");
    const step = refusal(
      writer.transaction({}, async (step) => ({
        commit: true,
        value: await step(select("select pg_sleep(600)::text || 'step'")),
      })),
    );
    await killed("'step'");
    assert.equal((await step).code, "DATABASE_UNAVAILABLE");
  },

  "closing refuses what comes": async (open, url) => {
    const writer = open(url);
    await writer.close();
    assert.equal((await refusal(writer.write(select("select 'late'"), {}))).code, "DATABASE_UNAVAILABLE");
    await writer.close();
  },
};
