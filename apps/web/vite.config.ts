import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const api = process.env.SPORTELLO_API ?? 'http://127.0.0.1:8080';
// The gateway takes changes only from its own origin.
const forward = { target: api, changeOrigin: true, headers: { origin: api } };
const proxy = { '/api': forward, '/dev': forward };

/** Text in three forms, once at build: as it is, .gz and .br. The gateway serves the smallest that a browser takes, for no work at all. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  generateBundle: {
    // Last: after it nothing may change what was compressed.
    order: 'post',
    async handler(_, bundle) {
      for (const [fileName, file] of Object.entries(bundle)) {
        const text = file.type === 'chunk' ? file.code : file.source;
        if (!/\.(js|css|svg)$/.test(fileName) || text.length < 500) continue;
        const source = await promisify(gzip)(text, { level: 9 });
        this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source });
        this.emitFile({ type: 'asset', fileName: `${fileName}.br`, source: await promisify(brotliCompress)(text) });
      }
    },
  },
};

export default defineConfig({
  plugins: [react(), compressed],
  // The client's source, so that neither dev nor build waits for its compiled form.
  resolve: {
    alias: { '@sportello/api-client': fileURLToPath(new URL('../../libs/api-client/src/index.ts', import.meta.url)) },
  },
  server: { host: '127.0.0.1', proxy },
  preview: { host: '127.0.0.1', proxy },
  build: {
    target: 'baseline-widely-available',
    // Tokens are written once with light-dark(); older targets would have it rewritten into variables that Mantine does not set.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The first load is two files of script: what changes with a release, and what changes with an upgrade. What only later pages need and
    // many of them share are two more; left alone it is 90 files of 300 bytes each.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'base', tags: ['$initial'], test: /node_modules/, priority: 4 },
            { name: 'app', tags: ['$initial'], priority: 3 },
            { name: 'icons', test: /@tabler[\\/]icons-react/, priority: 2 },
            {
              name: 'kit',
              test: /@floating-ui|@mantine[\\/]core[\\/]esm[\\/]components[\\/](Menu|Popover)[\\/]/,
              priority: 1,
            },
          ],
        },
      },
    },
  },
});
