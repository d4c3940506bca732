import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  base: "/ui/",
  plugins: [react()],
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
    proxy: {
      "/api": process.env["ROSTRUM_PUBLIC_URL"] ?? "http://localhost:8000",
    },
  },
});
