import { defineConfig } from '@playwright/test';

const PORT = 4317;
/** A folder of its own: `dist` may be built anew while the tests run. */
const OUT = 'node_modules/.e2e';

/** Drives the built app, on the mock API and under the policy the server sends. */
export default defineConfig({
  testDir: './test/e2e',
  testMatch: '*.e2e.ts',
  fullyParallel: false,
  workers: 1,
  timeout: 60_000,
  // Ample, so that a machine that builds meanwhile fails no test; nothing waits longer than it must.
  expect: { timeout: 15_000 },
  outputDir: './test-results',
  reporter: process.env.CI ? 'line' : 'list',
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    },
  },
  webServer: {
    command: `npx vite build --mode mock --outDir ${OUT} --emptyOutDir && npx vite preview --mode mock --outDir ${OUT} --host 127.0.0.1 --port ${PORT} --strictPort`,
    url: `http://127.0.0.1:${PORT}/sign-in`,
    reuseExistingServer: !process.env.CI,
    timeout: 120_000,
  },
});
