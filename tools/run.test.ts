/** The launcher: that it installs once, whatever npm held back and whoever else starts, and then is as good as not there. */
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { createProject, endOf, lines, NODE } from "./fixture-project.ts";

/** What Bun's own install script does: puts the packaged program into its place. */
const MENDING = `
const { rmSync, symlinkSync, appendFileSync } = require("node:fs");
appendFileSync("mend.log", "mended\\n");
rmSync("node_modules/bun/bin/bun.exe");
symlinkSync(process.env.FAKE_BUN, "node_modules/bun/bin/bun.exe");
`;

async function eventually(claim: () => boolean): Promise<void> {
  for (let tries = 0; !claim(); tries += 1) {
    if (tries > 400) throw new Error("it never came true");
    await Bun.sleep(25);
  }
}

describe("installing", () => {
  test("the first start installs, the second does not; arguments and the exit code pass through", async () => {
    const project = createProject();
    const first = await project.start(["hello.ts", "a", "b c"]);
    expect(first).toMatchObject({ code: 3, out: "hello a b c\n" });
    expect(first.err).toContain("burgee: installing dependencies");
    expect(readFileSync(project.path("npm.log"), "utf8")).toStartWith("ci --include=dev ");

    const second = await project.start(["hello.ts"]);
    expect(second).toEqual({ code: 3, out: "hello\n", err: "" });
    expect(project.installs()).toBe(1);
    expect(existsSync(project.path(".install-lock"))).toBe(false);
  });

  test("a changed lock file, or modules without a stamp, are installed anew", async () => {
    const project = createProject();
    await project.start(["hello.ts"]);
    writeFileSync(project.path("package-lock.json"), '{"lockfileVersion":3,"packages":{"":{}}}');
    await project.start(["hello.ts"]);
    expect(project.installs()).toBe(2);
    rmSync(project.path("node_modules", ".burgee-installed"));
    await project.start(["hello.ts"]);
    expect(project.installs()).toBe(3);
  });

  test("what somebody installed by hand counts, unless a version differs or its Bun cannot run here", async () => {
    const project = createProject();
    const lock = (version: string) => ({ packages: { "node_modules/greeter": { version } } });
    const handInstall = (bun: string) => {
      rmSync(project.path("node_modules"), { recursive: true, force: true });
      mkdirSync(project.path("node_modules", "bun", "bin"), { recursive: true });
      symlinkSync(bun, project.path("node_modules", "bun", "bin", "bun.exe"));
      writeFileSync(project.path("node_modules", ".package-lock.json"), JSON.stringify(lock("1.0.0")));
    };
    writeFileSync(project.path("package-lock.json"), JSON.stringify(lock("1.0.0")));
    handInstall(process.execPath);
    expect(await project.start(["hello.ts"])).toEqual({ code: 3, out: "hello\n", err: "" });
    expect(project.installs()).toBe(0);

    writeFileSync(project.path("foreign"), Buffer.alloc(2 * 1024 * 1024, "another machine's program "));
    handInstall(project.path("foreign"));
    await project.start(["hello.ts"]);
    expect(project.installs()).toBe(1);

    writeFileSync(project.path("package-lock.json"), JSON.stringify(lock("1.0.1")));
    handInstall(process.execPath);
    await project.start(["hello.ts"]);
    expect(project.installs()).toBe(2);
  });

  test("a failed install is told in one line, and tried again at the next start", async () => {
    const project = createProject();
    const failed = await project.start(["hello.ts"], { FAKE_FAILS: "1" });
    expect(failed.code).toBe(1);
    expect(failed.err).toContain("the disk is full\nburgee: npm ci failed with code 7");
    expect(failed.out).toBe("");
    expect((await project.start(["hello.ts"])).code).toBe(3);
    expect(project.installs()).toBe(2);
  });
});

describe("install scripts held back", () => {
  test("Bun's own install script is run for it, once", async () => {
    const project = createProject();
    const env = { FAKE_SCRIPTS: "held", FAKE_INSTALLER: MENDING };
    expect(await project.start(["hello.ts", "x"], env)).toMatchObject({ code: 3, out: "hello x\n" });
    expect(await project.start(["hello.ts", "y"], env)).toEqual({ code: 3, out: "hello y\n", err: "" });
    expect(lines(project.path("mend.log"))).toBe(1);
    expect(project.installs()).toBe(1);
  });

  test("where that fails too, the program is taken from the package that holds it", async () => {
    const project = createProject();
    const env = { FAKE_SCRIPTS: "held", FAKE_INSTALLER: "process.exit(1)" };
    expect(await project.start(["hello.ts", "x"], env)).toMatchObject({ code: 3, out: "hello x\n" });
    expect(await project.start(["hello.ts", "y"], env)).toEqual({ code: 3, out: "hello y\n", err: "" });
    rmSync(project.path("node_modules", "@oven"), { recursive: true });
    const gone = await project.start(["hello.ts"], env);
    expect(gone.code).toBe(1);
    expect(gone.err).toContain("the installed packages hold no Bun for");
  });
});

describe("two starts at once", () => {
  test("install once, and both run", async () => {
    const project = createProject();
    const ends = await Promise.all(["1", "2", "3", "4"].map((name) => project.start(["hello.ts", name])));
    expect(ends.map(({ code }) => code)).toEqual([3, 3, 3, 3]);
    expect(ends.map(({ out }) => out)).toEqual(["hello 1\n", "hello 2\n", "hello 3\n", "hello 4\n"]);
    expect(project.installs()).toBe(1);
    expect(ends.filter(({ err }) => err.includes("another start is installing")).length).toBeGreaterThan(0);
    expect(readdirSync(project.path()).filter((name) => name.startsWith(".install-lock"))).toEqual([]);
  });

  test("a lock whose owner died is taken over, by one of those that wait", async () => {
    const project = createProject();
    const dead = Bun.spawn([NODE, "-e", ""]);
    await dead.exited;
    writeFileSync(project.path(".install-lock"), `${hostname()} ${dead.pid} left-behind`);
    const ends = await Promise.all(["1", "2", "3"].map((name) => project.start(["hello.ts", name])));
    expect(ends.map(({ code }) => code)).toEqual([3, 3, 3]);
    expect(project.installs()).toBe(1);
    expect(existsSync(project.path(".install-lock"))).toBe(false);
  });

  test("a lock whose owner lives is waited for", async () => {
    const project = createProject();
    writeFileSync(project.path(".install-lock"), `${hostname()} ${process.pid} busy`);
    const waiting = project.start(["hello.ts"]);
    await Bun.sleep(600);
    expect(project.installs()).toBe(0);
    rmSync(project.path(".install-lock"));
    expect((await waiting).err).toContain("another start is installing");
    expect(project.installs()).toBe(1);
  });
});

describe("running", () => {
  const SERVER = `
    import { writeFileSync } from "node:fs";
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(name, () => { console.log("drained after", name); process.exit(0); });
    setInterval(() => {}, 1000);
    writeFileSync("ready", "");
  `;

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s reaches the script, which ends in its own time",
    async (signal) => {
      const project = createProject();
      writeFileSync(project.path("server.ts"), SERVER);
      const child = project.spawn(["tools/run.mjs", "server.ts"]);
      await eventually(() => existsSync(project.path("ready")));
      child.kill(signal);
      expect(await endOf(child)).toMatchObject({ code: 0, out: `drained after ${signal}\n` });
    },
  );

  test("under npm the end of the shell between is a signal, since npm's own reach no further", async () => {
    const project = createProject();
    writeFileSync(project.path("server.ts"), SERVER);
    // Not the last command of its shell, so that no shell can take its own place with it.
    const shell = `"${NODE}" tools/run.mjs server.ts; true`;
    const code = `
      const shell = require("child_process").spawn("sh", ["-c", process.argv[1]], { stdio: "inherit" });
      const look = setInterval(() => require("fs").existsSync("ready") && shell.kill(), 50);
      shell.on("exit", () => clearInterval(look));
    `;
    const npm = project.spawn(["-e", code, shell], { npm_lifecycle_event: "start" });
    expect((await endOf(npm)).out).toBe("drained after SIGTERM\n");
  });

  test("a script ended by a signal gives the shell's code for it", async () => {
    const project = createProject();
    writeFileSync(project.path("dies.ts"), 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);');
    expect((await project.start(["dies.ts"])).code).toBe(137);
  });

  test("the command burgee runs the server's program from the folder it is called in", async () => {
    const project = createProject();
    mkdirSync(project.path("packages", "server", "src"), { recursive: true });
    mkdirSync(project.path("elsewhere"));
    writeFileSync(
      project.path("packages", "server", "src", "main.ts"),
      'console.log(process.cwd().split("/").at(-1), ...process.argv.slice(2));',
    );
    const child = project.spawn(["../tools/burgee.mjs", "serve", "--demo"], {}, project.path("elsewhere"));
    expect(await endOf(child)).toMatchObject({ code: 0, out: "elsewhere serve --demo\n" });
  });

  test("--bin runs a dependency's command, and says so when there is none", async () => {
    const project = createProject();
    await project.start(["hello.ts"]);
    mkdirSync(project.path("node_modules", "greeter"));
    writeFileSync(project.path("node_modules", "greeter", "package.json"), '{"bin":{"greet":"./greet.js"}}');
    writeFileSync(
      project.path("node_modules", "greeter", "greet.js"),
      'console.log("hi", ...process.argv.slice(2)); process.exit(5)',
    );
    expect(await project.start(["--bin", "greet", "you"])).toEqual({ code: 5, out: "hi you\n", err: "" });
    expect((await project.start(["--bin", "nothing"])).err).toBe(
      'burgee: no dependency in package.json brings a command "nothing".\n',
    );
    expect((await project.start([])).err).toContain("say what to run");
  });

  test("test runs every test file of the project, each in a world of its own", async () => {
    const project = createProject();
    const head = 'import { expect, test } from "bun:test";\n';
    mkdirSync(project.path("packages", "a"), { recursive: true });
    mkdirSync(project.path("tools", "b"));
    const see = `test("sees no other file", () => expect(Reflect.get(globalThis, "leaked")).toBeUndefined());`;
    const probe = `${head}${see} test("leaks", () => void Reflect.set(globalThis, "leaked", 1));`;
    writeFileSync(project.path("packages", "a", "one.test.ts"), probe);
    writeFileSync(project.path("tools", "b", "two.test.ts"), probe);
    const all = await project.start(["test"]);
    expect(all.code).toBe(0);
    expect(all.err).toContain("Ran 4 tests across 2 files");
    const one = await project.start(["test", "packages/a"]);
    expect(one.err).toContain("Ran 2 tests across 1 file");
    writeFileSync(project.path("tools", "b", "two.test.ts"), `${head}test("fails", () => expect(1).toBe(2));`);
    expect((await project.start(["test"])).code).toBe(1);
  });

  test("tests that may open a database run on every one there is, and a failure on the first is not forgotten", async () => {
    const project = createProject();
    mkdirSync(project.path("spec"));
    const probe =
      'test("store", () => { console.log("on", process.env.TEST_DB); expect(process.env.TEST_DB).toBe("postgres"); });';
    writeFileSync(project.path("spec", "one.test.ts"), `import { expect, test } from "bun:test";\n${probe}`);
    const isHere = existsSync("/usr/lib/postgresql");
    const all = await project.start(["test"], { TEST_DB: "" });
    expect(all.code).toBe(1);
    expect(all.out.match(/^on .*$/gm)).toEqual(isHere ? ["on sqlite", "on postgres"] : ["on sqlite"]);
    expect(all.err.includes("skipped: the tests on PostgreSQL, because")).toBe(!isHere);
    const one = await project.start(["test"], { TEST_DB: "postgres" });
    expect(one).toMatchObject({ code: 0 });
    expect(one.out.match(/^on .*$/gm)).toEqual(["on postgres"]);
  });
});
