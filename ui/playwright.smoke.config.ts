import { defineConfig } from '@playwright/test';

const { BALLAST_URL, BALLAST_ADMIN_API_KEY, CHROMIUM } = process.env;
if (!BALLAST_URL || !BALLAST_ADMIN_API_KEY)
  throw new Error('set BALLAST_URL and BALLAST_ADMIN_API_KEY to those of a running server');

/** Drives the app that a real server holds, with a run logged over the wire as clients do. */
export default defineConfig({
  testDir: './test/smoke',
  testMatch: '*.smoke.ts',
  fullyParallel: false,
  workers: 1,
  timeout: 30_000,
  globalTimeout: 120_000,
  expect: { timeout: 15_000 },
  outputDir: './test-results/smoke',
  reporter: process.env.CI ? 'line' : 'list',
  use: {
    baseURL: BALLAST_URL,
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    },
  },
});
