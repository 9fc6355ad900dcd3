// Fails when the JavaScript a page needs before it shows anything outgrows its budget (design: 250 KB compressed).
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 250_000;
const DIST = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', DIST), 'utf8'));

/** Every chunk that `name` imports statically, itself included. */
function closure(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const imported of manifest[name].imports ?? []) closure(imported, seen);
  return seen;
}

const gzipBytes = name => gzipSync(readFileSync(new URL(manifest[name].file, DIST))).length;
const entry = 'index.html';
const pages = {
  'sign-in': [entry],
  projects: [entry, 'src/pages/ProjectsPage.tsx'],
  organization: [entry, 'src/pages/orgs/OrganizationPage.tsx'],
  registry: [entry, 'src/pages/orgs/RegistryPage.tsx'],
  workspace: [entry, 'src/pages/WorkspacePage.tsx'],
  run: [entry, 'src/pages/RunPage.tsx'],
  sweep: [entry, 'src/pages/sweeps/SweepPage.tsx'],
  'new sweep': [entry, 'src/pages/sweeps/NewSweepPage.tsx'],
  artifact: [entry, 'src/pages/artifacts/ArtifactPage.tsx'],
  lineage: [entry, 'src/pages/artifacts/LineagePage.tsx'],
  compare: [entry, 'src/pages/compare/ComparePage.tsx'],
};

let tooLarge = false;
for (const [page, roots] of Object.entries(pages)) {
  const chunks = new Set(roots.flatMap(root => [...closure(root)]));
  const bytes = [...chunks].reduce((sum, chunk) => sum + gzipBytes(chunk), 0);
  const verdict = bytes > BUDGET_BYTES ? 'over budget' : 'ok';
  tooLarge ||= bytes > BUDGET_BYTES;
  console.log(
    `${page}: ${(bytes / 1000).toFixed(1)} kB of ${BUDGET_BYTES / 1000} kB compressed, ${verdict}`,
  );
}
process.exit(tooLarge ? 1 : 0);
