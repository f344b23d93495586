/** What the tests of servers do besides asking. */
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";

/** A client that says what it wants and reads nothing. */
export function stalled(url: string, query: string, accept: string): Promise<Socket> {
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
