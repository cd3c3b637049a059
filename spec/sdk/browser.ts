/**
 * As much of a browser as the JavaScript SDKs look for: `window`, `localStorage` and `EventSource`, over Bun's own fetch.
 * Import it before an SDK: they look when they are loaded. Each test file has globals of its own.
 */
import { openStream } from "../event-stream.ts";

/** The parts of the standard that `reconnecting-eventsource`, which the SDKs bring along, makes use of. */
class StreamEvents extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readyState = StreamEvents.CONNECTING;
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  onmessage: ((event: Event) => void) | null = null;
  readonly url: string;
  private stop: (() => void) | undefined;

  constructor(url: string) {
    super();
    this.url = url;
    void this.listen().catch(() => this.fail());
  }

  close(): void {
    this.readyState = StreamEvents.CLOSED;
    this.stop?.();
  }

  private fail(): void {
    if (this.readyState === StreamEvents.CLOSED) return;
    this.readyState = StreamEvents.CLOSED;
    this.onerror?.(new Event("error"));
  }

  private async listen(): Promise<void> {
    const stream = await openStream(this.url);
    this.stop = stream.close;
    if (stream.response.status !== 200) throw new Error(`${stream.response.status}`);
    this.readyState = StreamEvents.OPEN;
    this.onopen?.(new Event("open"));
    let done = 0;
    const emitWhole = (text: string) => {
      for (let end = text.indexOf("\n\n", done); end >= 0; end = text.indexOf("\n\n", done)) {
        this.emit(text.slice(done, end));
        done = end + 2;
      }
      return false;
    };
    await stream.until(emitWhole, 600_000);
  }

  private emit(block: string): void {
    const fields = block.split("\n").filter((line) => !line.startsWith(":"));
    const field = (name: string) =>
      fields.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ""));
    const data = field("data");
    if (data.length === 0) return;
    this.dispatchEvent(new MessageEvent(field("event").at(-1) ?? "message", { data: data.join("\n") }));
  }
}

const items = new Map<string, string>();
const localStorage = {
  getItem: (key: string) => items.get(key) ?? null,
  setItem: (key: string, value: string) => void items.set(key, String(value)),
  removeItem: (key: string) => void items.delete(key),
  clear: () => items.clear(),
};

Object.assign(globalThis, { window: globalThis, localStorage, EventSource: StreamEvents });
