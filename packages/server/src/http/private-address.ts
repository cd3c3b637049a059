/** Addresses that only this machine or its own network can reach: nobody outside may have us call them. */
import { BlockList, isIP } from "node:net";

const IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
/**
 * Only 2000::/3 is given out to be reached from anywhere, so all else is not: link-local and unique-local ones, multicast, NAT64 and what
 * is nothing but an IPv4 address. Of 2000::/3 what is for protocols (Teredo among them), documentation, and IPv4 inside (6to4).
 */
const IPV6 = ["::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

function listOf(networks: readonly string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

// Two, because to one of both every IPv4 address is also an IPv6 one.
const blockedIpv4 = listOf(IPV4, "ipv4");
const blockedIpv6 = listOf(IPV6, "ipv6");

/** `::ffff:10.0.0.1` is 10.0.0.1; URLs write it `::ffff:a00:1`. */
function mappedIpv4(address: string): string | undefined {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}

/** However it is spelt: without an interface, zeros left out. */
function shortest(address: string): string {
  const [bare = ""] = address.split("%");
  return isIP(bare) === 6 ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare;
}

/** Of an IP address. What is no address is private, too: it is nothing to call. */
export function isPrivateAddress(address: string): boolean {
  const bare = shortest(address);
  const plain = mappedIpv4(bare) ?? bare;
  const family = isIP(plain);
  if (family === 4) return blockedIpv4.check(plain, "ipv4");
  return family === 0 || blockedIpv6.check(plain, "ipv6");
}

/** Of an URL's host, as far as its spelling tells: names that may still lead here are looked up when they are called. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
  if (isIP(host) !== 0) return isPrivateAddress(host);
  return host === "" || !host.includes(".") || /\.(localhost|local|internal|home\.arpa|lan)$/.test(host);
}
