import { linesOf } from "../../test/support/lines-of.ts";

/** A server process under test. */
export type Server = {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Path of the GraphQL endpoint. */
  readonly path: string;
  post(body: string): Promise<string>;
  stop(): Promise<void>;
};

/**
 * Starts a server that prints the URL of its GraphQL endpoint once it listens.
 *
 * @throws Error with what the process printed when it ends without such a line.
 */
export async function startServer(
  name: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Server> {
  const child = Bun.spawn([...command], {
    env: { ...process.env, NODE_ENV: "production", ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const complaints = new Response(child.stderr).text();
  const lines = linesOf(child.stdout);
  const printed: string[] = [];
  for (;;) {
    const { value: line } = await lines.next();
    if (line === undefined) throw new Error(`${name} did not start.\n${printed.join("\n")}\n${await complaints}`);
    printed.push(line);
    const address = /http:\/\/127\.0\.0\.1:(\d+)(\/graphql)/.exec(line);
    if (!address) continue;
    void drain(lines);
    const [url, port = "", path = ""] = address;
    return {
      name,
      pid: child.pid,
      port: Number(port),
      path,
      post: (body) => post(url, body),
      async stop() {
        child.kill();
        await child.exited;
      },
    };
  }
}

/** A full pipe would stop a server that logs. */
async function drain(lines: AsyncIterable<string>): Promise<void> {
  for await (const _ of lines);
}

async function post(url: string, body: string): Promise<string> {
  const headers = { "content-type": "application/json", accept: "application/json" };
  return (await fetch(url, { method: "POST", headers, body })).text();
}
