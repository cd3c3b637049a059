import { expect, test } from "bun:test";
import { compareVersions, parseVersion, type Version } from "./semver.ts";

function version(text: string): Version {
  const parsed = parseVersion(text);
  if (parsed === null) throw new Error(`${text} is no version`);
  return parsed;
}

test("versions stand in the order of SemVer 2.0", () => {
  const ascending = [
    "0.0.1",
    "1.0.0-1",
    "1.0.0-2",
    "1.0.0-10",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.9.0",
    "1.10.0",
    "2.0.0",
    "99999999999999999998.0.0",
    "99999999999999999999.0.0",
  ].map(version);
  for (const [a, low] of ascending.entries()) {
    for (const [b, high] of ascending.entries()) expect(Math.sign(compareVersions(low, high))).toBe(Math.sign(a - b));
  }
});

test("build metadata does not count", () => {
  expect(compareVersions(version("1.0.0+a"), version("1.0.0+b.c"))).toBe(0);
  expect(compareVersions(version("1.0.0-rc+a"), version("1.0.0-rc"))).toBe(0);
});

test("what is not strictly a version is none", () => {
  const texts = [
    "",
    "1",
    "1.2",
    "v1.2.3",
    "=1.2.3",
    "1.2.3.4",
    "01.2.3",
    "1.2.3-01",
    "1.2.3-",
    "1.2.3+",
    " 1.2.3",
    "1.2.3\n",
    "1.2.3-a..b",
    "١.2.3",
    "-1.2.3",
  ];
  expect(texts.map(parseVersion)).toEqual(texts.map(() => null));
});
