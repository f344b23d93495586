/** A server of names on an address of this machine, at port 53, for programs that are told of it in their `resolv.conf`. Only root may. */
import { createSocket } from "node:dgram";
import { once } from "node:events";

export type DnsServer = {
  readonly address: string;
  stop(): Promise<void>;
};

const HEADER = 12;
const A = 1;

/** @param addressesOf is asked at each question for an IPv4 address; its answers are good for that question alone */
export async function startDns(addressesOf: (name: string) => readonly string[]): Promise<DnsServer> {
  const socket = createSocket("udp4");
  const [second = 0, third = 0] = crypto.getRandomValues(new Uint8Array(2));
  // One that no other run has.
  const address = `127.${1 + (second % 250)}.${third}.53`;
  socket.bind(53, address);
  await once(socket, "listening");
  socket.on("message", (question, from) => {
    socket.send(answerTo(question, addressesOf), from.port, from.address);
  });
  return { address, stop: () => new Promise((resolve) => socket.close(() => resolve())) };
}

/** https://www.rfc-editor.org/rfc/rfc1035#section-4 */
function answerTo(question: Buffer, addressesOf: (name: string) => readonly string[]): Buffer {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = question.readUInt8(at); length > 0; length = question.readUInt8(at)) {
    labels.push(question.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 1 + 4;
  const addresses = question.readUInt16BE(at + 1) === A ? addressesOf(labels.join(".").toLowerCase()) : [];
  const header = Buffer.from(question.subarray(0, HEADER));
  // An authoritative answer without an error; one question, no records but the answers.
  header.writeUInt16BE(0x8580, 2);
  for (const [index, count] of [1, addresses.length, 0, 0].entries()) header.writeUInt16BE(count, 4 + index * 2);
  return Buffer.concat([header, question.subarray(HEADER, end), ...addresses.map(recordOf)]);
}

/** For the name in question, good for no time. */
function recordOf(address: string): Buffer {
  return Buffer.from([0xc0, HEADER, 0, A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split(".").map(Number)]);
}
