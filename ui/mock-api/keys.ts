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

export const HISTORY_KEYS: ProjectKey[] = [
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
  number('weights', { kinds: ['histogram'] }),
  number('predictions', { kinds: ['table-file'] }),
  number('pr_curve_table', { kinds: ['table-file'] }),
  number('confusion_table', { kinds: ['table-file'] }),
  ...Array.from({ length: 24 }, (_, layer) => number(`layer/${layer}/norm`)),
];

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
