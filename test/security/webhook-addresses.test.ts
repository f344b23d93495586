/** Whoever writes a rule must not make a worker speak to what only the worker can reach. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { refusedAddress } from "../../src/adapters/webhook/refused-address.ts";
import { createWebhookAction, type WebhookActionOptions } from "../../src/adapters/webhook/webhook-action.ts";
import type { JsonObject } from "../../src/core/events/json.ts";
import { actionInput } from "../support/change-event.ts";
import { fixedSecrets } from "../support/secrets.ts";
import { startReceiver, status, type WebhookReceiver } from "../support/webhook-receiver.ts";

let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());

async function run(options: JsonObject, changes: Partial<WebhookActionOptions> = {}) {
  const parts = { secrets: fixedSecrets({}), allowedNetworks: [], ports: [80, 443], now: Date.now, ...changes };
  const action = createWebhookAction(parts);
  try {
    return await action.run(actionInput(options));
  } finally {
    await action.close?.();
  }
}
const LOCAL = { allowedNetworks: ["127.0.0.1/32"] };

describe("addresses that are refused", () => {
  const REFUSED = [
    ...["0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.1.2.3", "169.254.169.254"],
    ...["172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1"],
    ...["198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"],
    ...["168.63.129.16", "::", "::1", "::2", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1"],
    ...["64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2620:4f:8000::1"],
    ...["3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fec0::1", "ff02::1", "4000::1"],
    ...["fe80::1%eth0", "2606:4700::1%1", "1.2.3", "localhost", ""],
  ];
  test.each(REFUSED)("%s", (address) => {
    expect(refusedAddress(address, [])).toBeString();
  });

  test("and public ones are not", () => {
    const known = ["8.8.8.8", "1.1.1.1", "93.184.215.14", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"];
    expect(known.map((address) => refusedAddress(address, []))).toEqual(known.map(() => undefined));
  });
});

describe("names and numbers that lead to this machine", () => {
  const forms = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.0.0.1.", "[::1]"];
  const more = [
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:0:0:1]",
    "[64:ff9b::127.0.0.1]",
    "localhost",
    "０.0.0.0",
  ];
  test.each([...forms, ...more])("%s is refused", async (host) => {
    const outcome = await run({ url: `http://${host}:${receiver.port}/` });
    expect([outcome.kind, receiver.received.length]).toEqual(["permanent", 0]);
  });

  test("a name with one refused address among public ones is refused", async () => {
    const resolve = async () => [
      { address: "93.184.215.14", family: 4 },
      { address: "10.0.0.1", family: 4 },
    ];
    const outcome = await run({ url: "https://mixed.example/" }, { resolve });
    expect([outcome.kind, "reason" in outcome && outcome.reason]).toEqual([
      "permanent",
      "mixed.example may not be called: it is private.",
    ]);
  });

  test("a name that changes its address after the check is still dialled at the address that was checked", async () => {
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? "127.0.0.1" : "127.0.0.2", family: 4 }];
    };
    const before = receiver.received.length;
    const options = { url: `http://rebinding.example:${receiver.port}/` };
    expect((await run(options, { ...LOCAL, resolve })).kind).toBe("done");
    expect([asked, receiver.received.length - before]).toEqual([1, 1]);
    expect(receiver.received.at(-1)?.headers.host).toBe(`rebinding.example:${receiver.port}`);
    expect((await run(options, { ...LOCAL, resolve })).kind).toBe("permanent");
  });

  test("a network that was opened is open for that network alone", async () => {
    expect((await run({ url: `http://127.0.0.1:${receiver.port}/` }, LOCAL)).kind).toBe("done");
    expect((await run({ url: `http://127.0.0.2:${receiver.port}/` }, LOCAL)).kind).toBe("permanent");
  });

  test("a name that is not known, and a resolver that hangs, are tried again", async () => {
    expect((await run({ url: "https://no.example/" }, { resolve: async () => [] })).kind).toBe("retryable");
    const signal = AbortSignal.timeout(30);
    const action = createWebhookAction({
      ...{ secrets: fixedSecrets({}), allowedNetworks: [], ports: [443], now: Date.now },
      resolve: () => new Promise(() => {}),
    });
    expect((await action.run(actionInput({ url: "https://slow.example/" }, { signal }))).kind).toBe("retryable");
  });
});

test("ports of services that are not web servers are refused", async () => {
  const resolve = async () => [{ address: "93.184.215.14", family: 4 }];
  for (const port of [22, 25, 5432, 6379, 8125]) {
    const outcome = await run({ url: `http://public.example:${port}/` }, { resolve });
    expect([port, outcome.kind, "reason" in outcome && outcome.reason]).toEqual([
      port,
      "permanent",
      `Port ${port} is not one of webhooks.ports.`,
    ]);
  }
});

test("a redirect is an answer: nobody goes where it points", async () => {
  const metadata = await startReceiver();
  for (const code of [301, 302, 303, 307, 308]) {
    receiver.answer = status(code, { location: `http://127.0.0.1:${metadata.port}/latest/meta-data/` });
    expect((await run({ url: `http://127.0.0.1:${receiver.port}/` }, LOCAL)).kind).toBe("permanent");
  }
  expect(metadata.received).toEqual([]);
  receiver.answer = status(200);
  await metadata.stop();
});

test("a value with a line end makes no header", async () => {
  const before = receiver.received.length;
  const url = `http://127.0.0.1:${receiver.port}/`;
  for (const value of ["a\r\nx-admin: 1", "a\nb", "a\rb", "a\0b", "naïve", "😀"]) {
    const outcome = await run({ url, headers: { "x-name": value } }, LOCAL);
    expect([value, outcome.kind]).toEqual([value, "permanent"]);
  }
  const secrets = fixedSecrets({ T: "a\r\nx-admin: 1" });
  const outcome = await run({ url, secretHeaders: { "x-token": "${env://T}" } }, { ...LOCAL, secrets });
  expect([outcome.kind, JSON.stringify(outcome).includes("x-admin")]).toEqual(["permanent", false]);
  for (const name of ["x y", "x:y", "x\r\ny", "__proto__ "]) {
    expect((await run({ url, headers: { [name]: "1" } }, LOCAL)).kind).toBe("permanent");
  }
  expect(receiver.received.length).toBe(before);
});

test("a value of a row that looks like a reference stays what it is", async () => {
  const secrets = fixedSecrets({ SECRET_TOKEN: "t0ken" });
  const value = "${env://SECRET_TOKEN}";
  const url = `http://127.0.0.1:${receiver.port}/?q=${encodeURIComponent(value)}`;
  const body = JSON.stringify({ name: value });
  expect((await run({ url, headers: { "x-name": value }, body }, { ...LOCAL, secrets })).kind).toBe("done");
  const received = receiver.received.at(-1);
  expect(JSON.stringify(received)).not.toContain("t0ken");
  expect([received?.headers["x-name"], received?.body]).toEqual([value, body]);
});

describe("receivers that want a worker's time or memory", () => {
  /** Speaks to each connection as it likes. */
  async function rawServer(speak: (socket: Socket) => void): Promise<{ url: string; server: Server }> {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => speak(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
  }
  const within = async (url: string, milliseconds: number) => {
    const action = createWebhookAction({ secrets: fixedSecrets({}), ports: [], now: Date.now, ...LOCAL });
    const startedAt = performance.now();
    const outcome = await action.run(actionInput({ url }, { signal: AbortSignal.timeout(milliseconds) }));
    await action.close?.();
    return { outcome, took: performance.now() - startedAt };
  };

  test("an answer without end is read to 64 kB", async () => {
    let sent = 0;
    const { url, server } = await rawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const pour = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, "a"))) sent += 65_536;
      };
      socket.on("drain", pour);
      pour();
    });
    const { outcome, took } = await within(url, 20_000);
    expect([outcome.kind, took < 15_000, sent < 64 * 1_048_576]).toEqual(["done", true, true]);
    server.close();
  });

  test("a small answer that unpacks to a large one is not unpacked", async () => {
    receiver.answer = (_received, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(50 * 1_048_576)));
    const { outcome } = await within(`http://127.0.0.1:${receiver.port}/`, 20_000);
    expect(outcome.kind).toBe("done");
    expect(Buffer.byteLength(("facts" in outcome && outcome.facts.response) || "")).toBeLessThanOrEqual(2_048);
    receiver.answer = status(200);
  });

  test("headers that come a byte at a time end with the attempt", async () => {
    const { url, server } = await rawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nx-slow: ");
      const timer = setInterval(() => socket.write("a"), 10);
      socket.on("close", () => clearInterval(timer));
    });
    const { outcome, took } = await within(url, 200);
    expect([outcome.kind, took < 10_000]).toEqual(["retryable", true]);
    server.close();
  });

  test("a body that comes a byte at a time is not waited for: the status has said it", async () => {
    const { url, server } = await rawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
      const timer = setInterval(() => socket.write("a"), 10);
      socket.on("close", () => clearInterval(timer));
    });
    const { outcome, took } = await within(url, 20_000);
    expect([outcome.kind, took < 15_000]).toEqual(["done", true]);
    server.close();
  });

  test("what is no HTTP is never done", async () => {
    for (const answer of [
      "",
      "SSH-2.0-OpenSSH_9\r\n",
      "HTTP/1.1 abc\r\n\r\n",
      `HTTP/1.1 200 OK\r\nx: ${"a".repeat(300_000)}\r\n\r\n`,
    ]) {
      const { url, server } = await rawServer((socket) => socket.end(answer));
      const { outcome } = await within(url, 5_000);
      expect([answer.slice(0, 20), outcome.kind]).toEqual([answer.slice(0, 20), "retryable"]);
      server.close();
    }
  });
});
