/** What the launcher tells the allocator of the servers it starts. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { createProject } from "./fixture-project.ts";

test("a server keeps freed memory for ten seconds, unless its environment says otherwise", async () => {
  const project = createProject();
  writeFileSync(project.path("told.ts"), 'process.stdout.write(process.env["MIMALLOC_PURGE_DELAY"] ?? "nothing");');
  expect(await project.start(["told.ts"])).toMatchObject({ code: 0, out: "10000" });
  expect(await project.start(["told.ts"], { MIMALLOC_PURGE_DELAY: "5" })).toMatchObject({ code: 0, out: "5" });
});
