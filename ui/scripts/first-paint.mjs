// Measures how long pages take to show something, from the moment a browser is sent there, with nothing in its cache.
//
//     node scripts/first-paint.mjs SELECTOR TIMES ADDRESS…
//
// Prints one JSON list of milliseconds per address, a line each: what SELECTOR names is in the page, and the frame
// with it has been painted. `BALLAST_API_KEY` is whose pages they are, `CHROMIUM` the browser.

import { chromium } from '@playwright/test';

const [selector, times, ...addresses] = process.argv.slice(2);
const { BALLAST_API_KEY: key = '', CHROMIUM = '/usr/bin/chromium' } = process.env;
const PATIENCE_MS = 60_000;

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
try {
  for (const address of addresses) {
    const found = [];
    for (let time = 0; time < Number(times); time += 1) found.push(await measure(address));
    console.log(JSON.stringify(found));
  }
} finally {
  await browser.close();
}

async function measure(address) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    extraHTTPHeaders: { Authorization: `Basic ${Buffer.from(`api:${key}`).toString('base64')}` },
  });
  try {
    const page = await context.newPage();
    await page.addInitScript(watch, selector);
    await page.goto(address, { waitUntil: 'commit' });
    const painted = await page.waitForFunction(() => window.paintedAt, null, {
      timeout: PATIENCE_MS,
    });
    return await painted.jsonValue();
  } finally {
    await context.close();
  }
}

/** Runs in the page, whose clock begins with the navigation. */
function watch(wanted) {
  const look = () => {
    if (!document.querySelector(wanted)) return requestAnimationFrame(look);
    // A frame that is asked for in a frame begins once that one has been painted.
    return requestAnimationFrame(() => {
      window.paintedAt = performance.now();
    });
  };
  requestAnimationFrame(look);
}
