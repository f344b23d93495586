/** Addresses of networks: `inet`, `cidr`, `macaddr`. */
import { expectString, quote } from "./text.ts";

/** An address as whole number with its width in bits. */
type Address = { readonly bits: bigint; readonly width: 32 | 128 };

/** An address of IPv4 or IPv6, with or without the length of its network. */
export function parseIp(value: unknown): string {
  const form = "an IP address such as 192.0.2.1, 2001:db8::1 or 192.0.2.1/24";
  const text = expectString(value, form);
  if (!readNetwork(text)) throw new TypeError(`Expected ${form}, got ${quote(text)}.`);
  return text;
}

/** A network: no bit may be set behind its length. */
export function parseCidr(value: unknown): string {
  const form = "a network such as 192.0.2.0/24 or 2001:db8::/32";
  const text = expectString(value, form);
  const network = readNetwork(text);
  if (!network) throw new TypeError(`Expected ${form}, got ${quote(text)}.`);
  const hostBits = BigInt(network.width - network.length);
  if (network.bits & ((1n << hostBits) - 1n)) {
    throw new TypeError(`Expected ${form}; ${quote(text)} has bits set behind its length.`);
  }
  return text;
}

/** Six or eight octets, separated by colons or hyphens. */
export function parseMac(value: unknown): string {
  const form = "a MAC address such as 08:00:2b:01:02:03";
  const text = expectString(value, form);
  if (!/^[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?:(?:\1[0-9a-f]{2}){2})?$/i.test(text)) {
    throw new TypeError(`Expected ${form}, got ${quote(text)}.`);
  }
  return text.toLowerCase().replaceAll("-", ":");
}

function readNetwork(text: string): (Address & { readonly length: number }) | undefined {
  const [, address, length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const read = address === undefined ? undefined : (readIpv4(address) ?? readIpv6(address));
  if (!read) return undefined;
  const bits = length === undefined ? read.width : Number(length);
  return bits > read.width ? undefined : { ...read, length: bits };
}

function readIpv4(text: string): Address | undefined {
  const octets = text.split(".");
  if (octets.length !== 4) return undefined;
  let bits = 0n;
  for (const octet of octets) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(octet) || Number(octet) > 255) return undefined;
    bits = bits * 256n + BigInt(octet);
  }
  return { bits, width: 32 };
}

const IPV6_GROUPS = 8;

function readIpv6(text: string): Address | undefined {
  const halves = text.split("::").map(readGroups);
  const [head, tail] = halves;
  if (halves.length > 2 || !head) return undefined;
  if (halves.length === 1) return head.length === IPV6_GROUPS ? { bits: joinGroups(head), width: 128 } : undefined;
  if (!tail || head.length + tail.length >= IPV6_GROUPS) return undefined;
  const zeros = Array.from({ length: IPV6_GROUPS - head.length - tail.length }, () => 0n);
  return { bits: joinGroups([...head, ...zeros, ...tail]), width: 128 };
}

/** The 16-bit groups of one side of `::`; the last two may be written as IPv4. */
function readGroups(text: string): readonly bigint[] | undefined {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 && part.includes(".") ? readIpv4(part) : undefined;
    if (embedded) groups.push(embedded.bits >> 16n, embedded.bits & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

function joinGroups(groups: readonly bigint[]): bigint {
  return groups.reduce((bits, group) => bits * 65_536n + group, 0n);
}
