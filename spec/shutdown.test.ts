/** SIGTERM lets running requests finish and loses nothing. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { lookInto, startTestServer, type TestServer } from "../packages/server/src/testing/index.ts";
import { buildDocument, clientKey } from "./builders.ts";
import { basic, createFolders, type Folders, importFile, save } from "./cli-folders.ts";
import { openStream } from "./event-stream.ts";
import { exchange, readResponse } from "./raw-http.ts";

let folders: Folders;
beforeAll(async () => {
  folders = await createFolders();
});
afterAll(() => folders.remove());

const freshFolder = () => folders.fresh();

const flagStatus = async (server: TestServer, key: string) =>
  (await fetch(`${server.url}/api/v1/flags/`, { headers: { "X-Environment-Key": key } })).status;

describe("SIGTERM", () => {
  async function servedDocument(): Promise<TestServer> {
    const folder = await freshFolder();
    const path = await save(folder, "document.json", buildDocument(basic));
    expect((await importFile(folder, path)).code).toBe(0);
    return startTestServer({ folder });
  }

  test("lets a running request finish, ends streams, takes no new connections, and exits with 0", async () => {
    const server = await servedDocument();
    const stream = await openStream(`${server.url}/sse/environments/${clientKey()}/stream`);
    await stream.until((text) => text.includes("environment_updated"));
    const body = JSON.stringify({ identifier: "slow", traits: [{ trait_key: "a", trait_value: 1 }] });
    const head = `POST /api/v1/identities/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Environment-Key: ${clientKey()}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    let exit: Promise<number | null> | undefined;
    let refused: Promise<boolean> | undefined;
    const ends: string[] = [];
    void stream.ended.then(() => ends.push("stream"));
    const slow = exchange(server.port, (socket) => {
      socket.write(head + body.slice(0, 10));
      setTimeout(() => {
        exit = server.stop();
      }, 300);
      setTimeout(() => {
        refused = new Promise((resolve) => {
          const late = connect({ port: server.port, host: "127.0.0.1" });
          late.on("error", () => resolve(true));
          late.on("connect", () => resolve(false));
        });
      }, 900);
      setTimeout(() => socket.write(body.slice(10)), 1300);
    });
    const { bytes, isLate } = await slow;
    ends.push("request");
    expect(isLate).toBe(false);
    const response = readResponse(bytes);
    expect([response?.status, JSON.parse(response?.text ?? "{}").identifier]).toEqual([200, "slow"]);
    // At once, and not by being cut with whatever is left.
    expect(ends).toEqual(["stream", "request"]);
    expect(await refused).toBe(true);
    expect(await exit).toBe(0);
    expect(server.output()).toContain("stopped");
    const stored = await lookInto(server.folder, ({ kysely }) =>
      kysely.selectFrom("identities").select("traits").where("identifier", "=", "slow").executeTakeFirst(),
    );
    expect(JSON.parse(stored?.traits ?? "null")).toEqual({ a: 1 });
  }, 30_000);

  test("right after the start ends it as well as later, and its last words are heard", async () => {
    // Handlers were once set after the server was announced, and the log's last lines were lost at exit.
    for (let i = 0; i < 6; i += 1) {
      const server = await startTestServer({ folder: await freshFolder(), args: i % 2 === 0 ? ["--demo"] : [] });
      expect(await server.stop()).toBe(0);
      expect(server.output()).toContain('"stopped"');
    }
  }, 30_000);

  test("does not wait for ever for a request that never ends", async () => {
    const folder = await freshFolder();
    const server = await startTestServer({ folder, env: { BURGEE_DRAIN_MS: "500" } });
    const socket = connect({ port: server.port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.write(
      `POST /api/v1/identities/ HTTP/1.1\r\nHost: x\r\nX-Environment-Key: ${clientKey()}\r\nContent-Length: 1000\r\n\r\n{`,
    );
    await Bun.sleep(200);
    const started = Date.now();
    expect(await server.stop()).toBe(0);
    expect(Date.now() - started).toBeLessThan(5000);
    socket.destroy();
  }, 30_000);

  test("writes the usage that was only in memory", async () => {
    const server = await servedDocument();
    for (let i = 0; i < 7; i += 1) await flagStatus(server, clientKey());
    expect(await server.stop()).toBe(0);
    const used = await lookInto(server.folder, ({ kysely }) =>
      kysely.selectFrom("request_usage").select("count").where("resource", "=", "flags").execute(),
    );
    expect(used.reduce((sum, { count }) => sum + count, 0)).toBe(7);
  }, 30_000);
});
