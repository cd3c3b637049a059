/** One line that grows on a terminal, and a line now and then where it is not one. */

export interface Progress {
  update(done: number, total: number): void;
  end(): void;
}

export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const EVERY_MS = 1000;
const WIDTH = 30;

export function createProgress(title: string, out: Terminal, now: () => number = Date.now): Progress {
  let printedAt = 0;
  let isOpen = false;
  return {
    update: (done, total) => {
      const isLast = done >= total;
      if (!isLast && now() - printedAt < (out.isTTY ? 100 : EVERY_MS)) return;
      printedAt = now();
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const filled = Math.round(share * WIDTH);
      const bar = `[${"=".repeat(filled)}${"-".repeat(WIDTH - filled)}]`;
      const line = `${title} ${bar} ${Math.floor(share * 100)} % (${done} of ${total})`;
      isOpen = true;
      out.write(out.isTTY ? `\r${line}` : `${line}\n`);
    },
    end: () => {
      if (isOpen && out.isTTY) out.write("\n");
      isOpen = false;
    },
  };
}
