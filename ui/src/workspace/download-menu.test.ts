import { expect, it } from 'vitest';
import { useToasts } from '~/stores/toasts';
import { downloadEntries } from './download-menu';

const REF = { entity: 'ada', project: 'a b' };

it('links to the rows of some runs, and of some keys only', () => {
  const entries = downloadEntries(REF, 'Rows', { runs: ['r1', 'r2'], key: ['train/loss'] }, [
    'csv',
  ]);
  expect(entries).toEqual([
    { kind: 'heading', label: 'Rows' },
    {
      kind: 'link',
      label: 'Download as CSV',
      href: '/api/v1/projects/ada/a%20b/download?key=train%2Floss&format=csv&run=r1&run=r2',
      download: true,
    },
  ]);
});

it('names no run to download all, and offers nothing of none', () => {
  const hrefs = (runs: string[] | 'all') =>
    downloadEntries(REF, 'Rows', { runs }).map(entry => ('href' in entry ? entry.href : null));
  expect(hrefs('all').slice(1)).toEqual(
    ['csv', 'parquet', 'arrow'].map(
      format => `/api/v1/projects/ada/a%20b/download?format=${format}`,
    ),
  );
  expect(hrefs([])).toEqual([null, null, null, null]);
});

it('says so instead of a link that is too long', () => {
  const runs = Array.from({ length: 3000 }, (_, index) => `run-${index}`);
  const [, csv] = downloadEntries(REF, 'Rows', { runs });
  expect('href' in csv).toBe(false);
  if ('onSelect' in csv) csv.onSelect();
  expect(useToasts.getState().toasts.at(-1)?.text).toContain('3,000 runs are too many');
});
