/** Which addresses a webhook may be sent to: public ones, and those of networks the operator opened by name. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

export type Network = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

/** What IANA's registers or a cloud use for themselves though `range()` calls it unicast. */
const DENIED: readonly Network[] = [
  // Azure's host agent and its metadata: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  "168.63.129.16/32",
  // Documentation: RFC 9637
  "3fff::/20",
  // AS112: RFC 7535
  "2620:4f:8000::/48",
].map((cidr) => ipaddr.parseCIDR(cidr));

/** All of IPv6 that is given out for the public internet: https://www.iana.org/assignments/ipv6-address-space */
const PUBLIC_IPV6: Network = ipaddr.parseCIDR("2000::/3");

/** Whether it is written as one: `10.0.0.0/8`, `fd00:1::/48`. */
export function isNetwork(cidr: string): boolean {
  return ipaddr.isValidCIDR(cidr);
}

/** @throws Error when it is not a network such as `10.0.0.0/8` */
export function parseNetwork(cidr: string): Network {
  return ipaddr.parseCIDR(cidr);
}

/** Whether the operator opened the network that the address is in. */
export function isOpened(address: string, opened: readonly Network[]): boolean {
  if (!isPlainAddress(address)) return false;
  const parsed = ipaddr.parse(address);
  return opened.some((network) => isIn(parsed, network));
}

/**
 * Why nothing may be sent to the address; undefined where it may. IPv4 addresses that are written inside of IPv6 ones
 * (mapped, NAT64, 6to4, Teredo) are refused whatever they hold: a public name has no reason to be one.
 */
export function refusedAddress(address: string, opened: readonly Network[]): string | undefined {
  if (!isPlainAddress(address)) return "it is not an IP address";
  if (isOpened(address, opened)) return undefined;
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range !== "unicast") return `it is ${range}`;
  if (DENIED.some((network) => isIn(parsed, network))) return "it is reserved";
  if (parsed.kind() === "ipv6" && !isIn(parsed, PUBLIC_IPV6)) return "it is not public";
  return undefined;
}

/** In full, and without the name of an interface. */
function isPlainAddress(address: string): boolean {
  return isIP(address) !== 0 && !address.includes("%");
}

function isIn(address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}
