import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

// Below this the headers weigh more than what is saved.
const COMPRESSED_BYTES_MIN = 1024;

/** Writes `name.br` and `name.gz` beside every asset that shrinks, so that the server compresses nothing per request. */
function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    // After everything is on disk: what is compressed must be what is served.
    writeBundle: {
      order: "post",
      handler({ dir = "dist" }, bundle) {
        for (const name of Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name))) {
          const path = join(dir, name);
          const bytes = readFileSync(path);
          if (bytes.length < COMPRESSED_BYTES_MIN) continue;
          writeFileSync(`${path}.br`, brotliCompressSync(bytes));
          writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        }
      },
    },
  };
}

const SERVER = process.env["ROSTRUM_PUBLIC_URL"] ?? "http://localhost:8000";

export default defineConfig({
  base: "/ui/",
  plugins: [react(), precompress()],
  build: {
    // Nothing is inlined as a data: URL, so the content security policy can stay at 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: { index: page("index.html"), player: page("player.html") },
    },
  },
  server: {
    proxy: Object.fromEntries(["/api", "/admin", "/hosts", "/sessions", "/users"].map((path) => [path, SERVER])),
  },
});
