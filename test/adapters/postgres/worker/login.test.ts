/** Workers log in as strictly as the edge does: what a server asks for decides nothing that the connection URL does not allow. */
import { afterEach, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { openWorkerSql } from "../../../../src/adapters/postgres/worker/worker-sql.ts";

let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server?.close();
});

const authentication = (kind: number, data = "") => {
  const body = Buffer.from(`\0\0\0\0${data}`, "latin1");
  body.writeInt32BE(kind);
  const header = Buffer.alloc(5, "R");
  header.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([header, body]);
};
const OK = Buffer.concat([authentication(0), Buffer.from("Z\0\0\0\x05I")]);
const SCRAM = authentication(10, "SCRAM-SHA-256\0\0");
const nonceOf = (first: Buffer) => /r=([^,]*)$/.exec(first.toString("latin1"))?.[1] ?? "";

/** How a query ended on a server that says these things one after the other, and all that it was told. */
async function told(parameters: string, says: readonly ((heard: Buffer) => Buffer)[]) {
  const heard: Buffer[] = [];
  server = createServer((socket) => {
    sockets.add(socket);
    let turn = 0;
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      heard.push(bytes);
      const say = says[turn];
      turn += 1;
      if (say) socket.write(say(bytes));
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const { port } = server.address() as { port: number };
  const url = `postgres://worker:s3cret@127.0.0.1:${port}/db?sslmode=disable${parameters}`;
  const sql = openWorkerSql({ url, connectionsMax: 1, connectTimeoutMs: 2_000, name: "test" });
  const outcome = await sql`select 1`.then(
    () => "answered",
    (error: Error) => error.message,
  );
  await sql.end({ timeout: 0 });
  return { outcome, heard: Buffer.concat(heard).toString("latin1") };
}

test.each([
  ["in clear", authentication(3)],
  ["as MD5", authentication(5, "salt")],
  ["by SCRAM without a binding", SCRAM],
  ["not at all", OK],
])(
  "where the login has to be bound to the channel, a server that asks for the password %s gets nothing",
  async (_, asks) => {
    const { outcome, heard } = await told("&channel_binding=require", [() => asks]);
    expect(outcome).toMatch(/cannot be trusted with the login: channel binding is required/);
    expect(heard).not.toMatch(/s3cret|md5|SCRAM/);
  },
);

test("a challenge of a billion rounds keeps no worker busy, and one for somebody else's login is not answered", async () => {
  for (const challenge of [
    (first: Buffer) => authentication(11, `r=${nonceOf(first)}server,s=c2FsdA==,i=1000000000`),
    () => authentication(11, "r=another,s=c2FsdA==,i=4096"),
  ]) {
    const { outcome, heard } = await told("", [() => SCRAM, challenge]);
    expect([outcome.includes("its SCRAM challenge is not valid"), heard.includes(",p=")]).toEqual([true, false]);
  }
});

test("a server that ends the login without its own proof is not believed", async () => {
  const challenge = (first: Buffer) => authentication(11, `r=${nonceOf(first)}server,s=c2FsdA==,i=4096`);
  const { outcome } = await told("", [() => SCRAM, challenge, () => OK]);
  expect(outcome).toContain("it ends the login without its own proof");
});
