import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { mockApi } from './mock-api/plugin.ts';

const SERVER = process.env.BALLAST_URL ?? 'http://127.0.0.1:8080';

/**
 * `--mode mock` answers `/api/v1` from memory; any other mode passes it on to a running server.
 */
export default defineConfig(({ mode }) => ({
  plugins: [react(), tailwindcss(), ...(mode === 'mock' ? [mockApi()] : [])],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    port: 5173,
    proxy: mode === 'mock' ? undefined : { '/api': { target: SERVER, changeOrigin: false } },
  },
  preview: { port: 4317 },
  build: {
    target: 'es2022',
    sourcemap: false,
    chunkSizeWarningLimit: 900,
    modulePreload: { polyfill: false },
    // The server's policy allows fonts from itself, not from data addresses.
    assetsInlineLimit: 0,
    manifest: true,
  },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'mock-api/**/*.test.ts'] },
}));
