import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = process.env.SPORTELLO_API ?? 'http://127.0.0.1:8080';
const proxy = { '/api': api, '/dev': api };

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
  },
});
