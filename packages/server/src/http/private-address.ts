/** Addresses that only this machine or its own network can reach: nobody outside may have us call them. */
import { BlockList, isIP } from "node:net";

const blocked = new BlockList();

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
/** With those that carry an IPv4 address inside: NAT64, Teredo, 6to4, and the deprecated ones that are nothing but one. */
const IPV6 = [
  "::/96",
  "::ffff:0:0:0/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/32",
  "2001:db8::/32",
  "2002::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];

for (const [family, networks] of [
  ["ipv4", IPV4],
  ["ipv6", IPV6],
] as const) {
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    blocked.addSubnet(address, Number(prefix), family);
  }
}

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
  return family === 0 || blocked.check(plain, family === 4 ? "ipv4" : "ipv6");
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
