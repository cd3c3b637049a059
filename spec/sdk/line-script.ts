/** A program in another language that answers each line of JSON with one. */
export interface LineScript {
  /** One line in, one line out. */
  ask(line: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

export function startLines(command: readonly string[]): LineScript {
  const child = Bun.spawn([...command], {
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
