/**
 * A Python with the packages of OpenFeature and Flagsmith, which npm does not install: `.ci/run` puts them into the folder that
 * BURGEE_PYTHON_ENVIRONMENT names, and whoever has them in their own python3 needs no more.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const folder = process.env["BURGEE_PYTHON_ENVIRONMENT"] || join(homedir(), ".cache/burgee-python");

function hasModule(python: string, name: string): boolean {
  return Bun.spawnSync([python, "-c", `import ${name}`], { stdout: "ignore", stderr: "ignore" }).exitCode === 0;
}

/** undefined where no Python has it. */
export function pythonWith(name: string): string | undefined {
  const found = [join(folder, "bin/python"), Bun.which("python3")];
  return found.find((path): path is string => path !== null && existsSync(path) && hasModule(path, name));
}

export interface PythonScript {
  /** One line in, one line out. */
  ask(line: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** A script of the folder `python` that answers each line of JSON with one. */
export function startPython(python: string, script: string, args: readonly string[]): PythonScript {
  const child = Bun.spawn([python, join(import.meta.dir, "python", script), ...args], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
  });
  const waiting: ((line: string | undefined) => void)[] = [];
  const read = async () => {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of child.stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) waiting.shift()?.(line);
    }
    for (const settle of waiting) settle(undefined);
  };
  const reading = read();
  return {
    ask: async (line) => {
      const answer = new Promise<string | undefined>((resolve) => waiting.push(resolve));
      child.stdin.write(`${JSON.stringify(line)}\n`);
      await child.stdin.flush();
      const text = await answer;
      if (text === undefined) throw new Error(await new Response(child.stderr).text());
      return JSON.parse(text);
    },
    stop: async () => {
      await child.stdin.end();
      await child.exited;
      await reading;
    },
  };
}
