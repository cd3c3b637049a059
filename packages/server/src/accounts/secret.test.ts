import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepSecret } from "./secret.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "burgee-secret-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("it is made once, kept, and nobody else's to read", async () => {
  const place = join(folder, "new", "data");
  const secret = keepSecret(place);
  expect(secret.length).toBeGreaterThanOrEqual(43);
  expect(keepSecret(place)).toBe(secret);
  expect(await readdir(place)).toEqual(["secret"]);
  expect((await stat(join(place, "secret"))).mode & 0o777).toBe(0o600);
});

test("a file that holds none is refused, not replaced", async () => {
  await writeFile(join(folder, "secret"), "\n");
  expect(() => keepSecret(folder)).toThrow("does not hold a secret");
});
