import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const COMPRESSED = /\.(js|css|svg)$/;
/** Below this, compressing saves nothing that anybody would notice. */
const SMALLEST = 512;

/** Beside each file its brotli and gzip forms, so that the server compresses nothing. */
function precompress(): Plugin {
  return {
    name: "burgee:precompress",
    apply: "build",
    writeBundle: ({ dir = "dist" }) => {
      const files = readdirSync(dir, { recursive: true, withFileTypes: true });
      for (const entry of files.filter((file) => file.isFile() && COMPRESSED.test(file.name))) {
        const path = join(entry.parentPath, entry.name);
        const bytes = readFileSync(path);
        if (bytes.length < SMALLEST) continue;
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
      }
    },
  };
}

/** `npx vite` in this folder serves the sources; the API is asked at a server that runs beside. */
const api = process.env["BURGEE_DEV_SERVER"] ?? "http://localhost:8000";

export default defineConfig({
  plugins: [react(), precompress()],
  server: { proxy: Object.fromEntries(["/api", "/ofrep", "/sse"].map((path) => [path, { target: api }])) },
  build: {
    outDir: "dist/site",
    target: "es2022",
    // light-dark() stays as it is: lowered, it would follow no scheme.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // Inlined as data: addresses they would need exceptions in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
