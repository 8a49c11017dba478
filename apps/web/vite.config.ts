import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = process.env.SPORTELLO_API ?? 'http://127.0.0.1:8080';
// The gateway takes changes only from its own origin.
const forward = { target: api, changeOrigin: true, headers: { origin: api } };
const proxy = { '/api': forward, '/dev': forward };

export default defineConfig({
  plugins: [react()],
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
    // What every page needs, in three files that compress well and change seldom; left alone it is 90 files of 300 bytes each.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'icons', test: /@tabler[\\/]icons-react/, priority: 3 },
            {
              name: 'kit',
              test: /@floating-ui|@mantine[\\/](core[\\/]esm[\\/](core|components[\\/](ActionIcon|Avatar|Button|Loader|Menu|Paper|Popover|Portal|Tooltip|Transition|UnstyledButton)[\\/]))/,
              priority: 2,
            },
            {
              name: 'base',
              test: /node_modules[\\/](react|react-dom|scheduler|i18next|react-i18next|clsx|@tanstack[\\/](react-router|router-core|history|store|react-store|query-core|react-query))[\\/]/,
              priority: 1,
            },
          ],
        },
      },
    },
  },
});
