/** The built dashboard as files in memory: few, small, read once, and a rebuild cannot pull them away under a running server. */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

type Encoding = "br" | "gzip";
type Bytes = Uint8Array<ArrayBuffer>;

export interface SiteFile {
  readonly type: string;
  readonly plain: Bytes;
  readonly encoded: Readonly<Partial<Record<Encoding, Bytes>>>;
  /** Its name holds a hash of what it holds, so it never changes. */
  readonly isImmutable: boolean;
}

export interface Site {
  /** index.html, with NONCE where each answer has its own. */
  readonly index: string;
  /** By path: "/assets/main-1a2b3c4d.js". */
  readonly files: ReadonlyMap<string, SiteFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

const ENCODINGS = { ".br": "br", ".gz": "gzip" } as const satisfies Record<string, Encoding>;

const isEncodedName = (extension: string): extension is keyof typeof ENCODINGS => extension in ENCODINGS;

/** Where the build puts it, beside this package. */
const builtSite = (): string => fileURLToPath(new URL("../../../dashboard/dist/site", import.meta.url));

function readFolder(folder: string): Map<string, Bytes> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(folder.length).replaceAll("\\", "/"), new Uint8Array(readFileSync(path))] as const;
      }),
  );
}

/** undefined where there is no build. */
export function readSite(folder: string = builtSite()): Site | undefined {
  let all: Map<string, Bytes>;
  try {
    all = readFolder(folder);
  } catch {
    return undefined;
  }
  const index = all.get("/index.html");
  if (!index) return undefined;
  const files = new Map<string, SiteFile>();
  for (const [path, plain] of all) {
    const extension = extname(path);
    if (isEncodedName(extension) || path === "/index.html") continue;
    const type = TYPES[extension];
    if (type === undefined) continue;
    const encoded = Object.fromEntries(
      Object.entries(ENCODINGS).flatMap(([suffix, name]) => {
        const bytes = all.get(path + suffix);
        return bytes ? [[name, bytes]] : [];
      }),
    );
    files.set(path, { type, plain, encoded, isImmutable: path.startsWith("/assets/") });
  }
  return { index: new TextDecoder().decode(index), files };
}
