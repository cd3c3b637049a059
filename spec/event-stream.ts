/** An event stream as the bytes that arrive, for tests of exactly those. */

export interface OpenStream {
  readonly response: Response;
  /** All text so far. */
  text(): string;
  /** Resolves with the text once `isThere` holds; throws after `timeoutMs` or when the stream has ended without it. */
  until(isThere: (text: string) => boolean, timeoutMs?: number): Promise<string>;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

export async function openStream(url: string, headers: Readonly<Record<string, string>> = {}): Promise<OpenStream> {
  const abort = new AbortController();
  const response = await fetch(url, { headers: { Accept: "text/event-stream", ...headers }, signal: abort.signal });
  let text = "";
  let hasEnded = false;
  const watchers = new Set<() => void>();
  const wake = () => {
    for (const watcher of watchers) watcher();
  };
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      wake();
    }
  };
  const ended = read()
    .catch(() => undefined)
    .then(() => {
      hasEnded = true;
      wake();
    });
  const until = (isThere: (text: string) => boolean, timeoutMs = 5000) =>
    new Promise<string>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        watchers.delete(look);
        settle();
      };
      const look = () => {
        if (isThere(text)) finish(() => resolve(text));
        else if (hasEnded) finish(() => reject(new Error(`the stream ended with: ${JSON.stringify(text)}`)));
      };
      const late = () => finish(() => reject(new Error(`not within ${timeoutMs} ms: ${JSON.stringify(text)}`)));
      const timer = setTimeout(late, timeoutMs);
      watchers.add(look);
      look();
    });
  return { response, text: () => text, until, ended, close: () => abort.abort() };
}
