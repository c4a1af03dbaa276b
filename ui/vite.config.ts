// How the pages are built: plain files with hashed names, each also compressed, so that Apache
// compresses nothing itself.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

function compress(): Plugin {
  let folder = "";
  return {
    name: "compress",
    apply: "build",
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir, config.build.assetsDir);
    },
    async closeBundle() {
      for (const name of await readdir(folder)) {
        if (!/\.(js|css)$/.test(name)) {
          continue;
        }
        const content = await readFile(join(folder, name));
        const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        await writeFile(join(folder, `${name}.br`), brotliCompressSync(content, { params: quality }));
        await writeFile(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [compress()],
  build: {
    target: "es2022",
    // Both would need what the Content-Security-Policy forbids: an inline script, data: addresses.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  // `npm run dev` shows the pages against a pod: UI_SERVER=https://control.example.test:8443
  server: {
    proxy: {
      "/api": { target: process.env.UI_SERVER ?? "https://127.0.0.1:8443", secure: false },
    },
  },
});
