import type { ProjectKey } from '../src/api/schema';

const number = (name: string, more: Partial<ProjectKey> = {}): ProjectKey => ({
  name,
  label: name,
  kinds: ['number'],
  n_runs: 312,
  count: 400_000,
  step_metric: null,
  hidden: false,
  goal: null,
  ...more,
});

const HISTORY_KEYS: ProjectKey[] = [
  number('epoch'),
  number('lr'),
  number('tokens_per_s'),
  number('train/loss', { goal: 'minimize' }),
  number('train/acc', { goal: 'maximize' }),
  number('train/grad_norm'),
  number('train/unstable'),
  number('val/loss', { step_metric: 'epoch', goal: 'minimize' }),
  number('val/acc', { step_metric: 'epoch', goal: 'maximize' }),
  number('fails/on_purpose'),
  number('hidden/secret', { hidden: true }),
  number('examples/images', { kinds: ['images/separated'] }),
  number('examples/detection', { kinds: ['image-file'] }),
  number('examples/speech', { kinds: ['audio-file'] }),
  number('examples/page', { kinds: ['html-file'] }),
  number('examples/cloud', { kinds: ['object3D-file'] }),
  number('examples/figure', { kinds: ['plotly-file'] }),
  number('examples/surface', { kinds: ['plotly-file'] }),
  number('examples/protein', { kinds: ['molecule-file'] }),
  number('weights', { kinds: ['histogram'] }),
  number('predictions', { kinds: ['table-file'] }),
  number('pr_curve_table', { kinds: ['table-file'] }),
  number('confusion_table', { kinds: ['table-file'] }),
  ...Array.from({ length: 24 }, (_, layer) => number(`layer/${layer}/norm`)),
];

const N_WIDE = 100_000;
const WIDE_KEYS: ProjectKey[] = Array.from({ length: N_WIDE }, (_, index) => {
  const [layer, weight] = [Math.floor(index / 100), index % 100].map(n =>
    String(n).padStart(3, '0'),
  );
  return number(`layer_${layer}/weight_${weight}`);
});

/** Keys as the server lists them: those that match, so many at most, with how many match. */
export function listKeys<T extends { label: string }>(
  keys: T[],
  query: URLSearchParams,
): { items: T[]; total: number; next_cursor: null } {
  const search = query.get('search')?.toLowerCase() ?? '';
  const pattern = new RegExp(query.get('pattern')?.replace(/^\(\?i\)/, '') ?? '', 'i');
  const found = keys.filter(
    ({ label }) => label.toLowerCase().includes(search) && pattern.test(label),
  );
  const limit = Number(query.get('limit') ?? found.length);
  return { items: found.slice(0, limit), total: found.length, next_cursor: null };
}

/** The keys of a project by its name. */
export function historyKeys(project: string): ProjectKey[] {
  if (project === 'wide') return WIDE_KEYS;
  return HISTORY_KEYS.slice(0, project === 'vision' ? undefined : 23);
}

export const SYSTEM_KEYS = [
  'system.cpu',
  'system.memory_percent',
  'system.proc.memory.rssMB',
  'system.disk./.usagePercent',
  'system.network.sent',
  'system.network.recv',
  'system.gpu.0.gpu',
  'system.gpu.0.memoryAllocated',
  'system.gpu.0.temp',
  'system.gpu.0.powerWatts',
  'system.gpu.1.gpu',
  'system.gpu.1.memoryAllocated',
];
