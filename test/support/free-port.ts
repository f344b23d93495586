import { createServer } from "node:net";

/** A port of 127.0.0.1 that nobody listens on. Another process could take it before the server it is for; then that says so. */
export async function freePort(): Promise<number> {
  const probe = await openProbe();
  await probe.close();
  return probe.port;
}

/** Two of them: asked for one after the other, they may be the same. */
export async function twoFreePorts(): Promise<readonly [number, number]> {
  const [one, other] = [await openProbe(), await openProbe()];
  await Promise.all([one.close(), other.close()]);
  return [one.port, other.port];
}

function openProbe(): Promise<{ readonly port: number; close(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      resolve({ port, close: () => new Promise((closed) => probe.close(() => closed())) });
    });
  });
}
