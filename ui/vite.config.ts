/// <reference types="vitest/config" />
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The server that answers the API while the app is worked on with live reload.
const server = process.env.SEGUE_DEV_TARGET ?? "http://127.0.0.1:4747";

export default defineConfig({
  base: "./", // relative paths: the server says in <base href> where the app lives
  plugins: [svelte()],
  build: {
    outDir: "../src/segue/web",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 200,
    target: "es2022",
  },
  server: {
    port: Number(process.env.SEGUE_DEV_PORT ?? 5173),
    strictPort: true,
    proxy: Object.fromEntries(["/api", "/rest", "/health", "/openapi.json", "/docs"].map((path) => [path, { target: server, changeOrigin: false }])),
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
