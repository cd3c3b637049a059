import { expect, test } from "bun:test";
import { isPrivateAddress, isPrivateHost } from "./private-address.ts";

test.each([
  "127.0.0.1",
  "127.255.0.9",
  "0.0.0.0",
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "fe80::1",
  "fd00::1",
  "ff02::1",
  "::ffff:10.0.0.1",
  "::ffff:a00:1",
  "64:ff9b::a00:1",
  "2002:a00:1::",
  "no address",
  "",
])("%p is private", (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each([
  "1.1.1.1",
  "11.0.0.1",
  "172.15.0.1",
  "172.32.0.1",
  "192.167.0.1",
  "2606:4700:4700::1111",
  "::ffff:1.1.1.1",
  "::ffff:101:101",
])("%p is not private", (address) => {
  expect(isPrivateAddress(address)).toBe(false);
});

/** As the URL parser spells them. */
const hostOf = (url: string) => new URL(url).hostname;

test.each([
  "http://localhost/",
  "http://LOCALHOST./",
  "http://a.localhost/",
  "http://printer.local/",
  "http://db.internal/",
  "http://intranet/",
  "http://2130706433/",
  "http://0x7f.1/",
  "http://0177.0.0.1/",
  "http://127.1/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://169.254.169.254/latest/meta-data/",
  "http://１２７.0.0.1/",
])("%s leads here", (url) => {
  expect(isPrivateHost(hostOf(url))).toBe(true);
});

test.each([
  "https://example.com/",
  "https://localhost.example.com/",
  "https://1.1.1.1/",
  "https://[2606:4700:4700::1111]/",
])("%s may be called", (url) => {
  expect(isPrivateHost(hostOf(url))).toBe(false);
});

test("another spelling is no way around", () => {
  for (const address of [
    "0:0:0:0:0:ffff:7f00:1",
    "0000:0000:0000:0000:0000:FFFF:127.0.0.1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "fe80::1%eth0",
    "64:ff9b:1::7f00:1",
    "2001:0:7f00:1::1",
    "fec0::1",
    "5f00::1",
    "3fff::1",
  ]) {
    expect([address, isPrivateAddress(address)]).toEqual([address, true]);
  }
  expect(isPrivateAddress("2600:1f18::1")).toBe(false);
});
