/**
 * The floor, a process of its own: `COPY … (FORMAT binary)` over a socket whose bytes are counted and forgotten. Says `warm`,
 * waits for a line, and prints what the copy took as JSON. Arguments: URL and statement.
 */
import { channelOf } from "../../src/adapters/postgres/connection/channel.ts";
import { createLogin } from "../../src/adapters/postgres/connection/login.ts";
import { openSocket } from "../../src/adapters/postgres/connection/open-socket.ts";
import { parseConnectionUrl } from "../../src/adapters/postgres/connection/url.ts";
import { message, startup } from "../../src/adapters/postgres/connection/wire-messages.ts";
import { createReader, type OnMessage } from "../../src/adapters/postgres/connection/wire-reader.ts";

const [url = "", statement = ""] = process.argv.slice(2);
const target = parseConnectionUrl(url);
const socket = await openSocket(target, new AbortController().signal);
const login = createLogin(target, channelOf(socket, target));
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

const loggedIn = Promise.withResolvers<void>();
const onMessage: OnMessage = (type, bytes, start, end) => {
  if (type === 0x52) {
    const answer = login.answer(bytes.subarray(start, end));
    if (answer) socket.write(answer);
  } else if (type === 0x5a) loggedIn.resolve();
  else if (type === 0x45) loggedIn.reject(new Error("PostgreSQL refused the login."));
};
const read = createReader(onMessage, 1_048_576, loggedIn.reject);
socket.on("data", read);
socket.write(startup({ user: target.user, database: target.database }));
await loggedIn.promise;
socket.off("data", read);

async function copy(query: string): Promise<{ first: number; last: number; bytes: number }> {
  const start = performance.now();
  let [first, bytes] = [0, 0];
  const done = Promise.withResolvers<void>();
  const count = (chunk: Buffer): void => {
    first ||= performance.now() - start;
    bytes += chunk.length;
    if (chunk.subarray(-READY.length).equals(READY)) done.resolve();
  };
  socket.on("data", count);
  socket.write(message("Q", `copy (${query}) to stdout (format binary)\0`));
  await done.promise;
  socket.off("data", count);
  return { first, last: performance.now() - start, bytes };
}

await copy(`select * from (${statement}) as t limit 1000`);
process.stdout.write("warm\n");
for await (const _ of console) break;
const { first, last, bytes } = await copy(statement);
process.stdout.write(`${JSON.stringify({ first, last, columns: last, bytes, rows: 0, sum: 0 })}\n`);
process.exit(0);
