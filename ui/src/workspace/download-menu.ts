import { downloadUrl, type ProjectRef } from '~/api/client';
import type { DownloadQuery } from '~/api/schema';
import { showToast } from '~/stores/toasts';
import type { MenuEntry } from '~/ui/Menu';
import { formatInteger } from '~/util/format';

type Format = NonNullable<DownloadQuery['format']>;

const FORMATS: Record<Format, string> = { csv: 'CSV', parquet: 'Parquet', arrow: 'Arrow' };
/** Servers and what stands before them refuse addresses much longer than this. */
const MAX_URL = 30_000;

/**
 * Entries that download rows as a file, as plain links: nothing of it is held in the page.
 *
 * No runs is no download: without any named, the server would give those of the whole project, which is `'all'` here.
 */
export function downloadEntries(
  ref: ProjectRef,
  heading: string,
  { runs, ...query }: Omit<DownloadQuery, 'format' | 'run'> & { runs: string[] | 'all' },
  formats: Format[] = ['csv', 'parquet', 'arrow'],
): MenuEntry[] {
  const entries = formats.map((format): MenuEntry => {
    const label = `Download as ${FORMATS[format]}`;
    if (runs !== 'all' && runs.length === 0)
      return { label, disabled: true, hint: 'no run is shown', onSelect: () => undefined };
    const href = downloadUrl(ref, { ...query, format, run: runs === 'all' ? undefined : runs });
    if (href.length <= MAX_URL) return { kind: 'link', label, href, download: true };
    const reason = `${formatInteger(runs.length)} runs are too many for the address of one download: hide some, or download all of the project`;
    return { label, onSelect: () => void showToast({ text: reason }) };
  });
  return [{ kind: 'heading', label: heading }, ...entries];
}
