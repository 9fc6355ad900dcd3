import type { Axis } from '~/api/schema';
import type { XKind } from '~/charts/scales';
import type { PanelSpec } from '../panel';

export const NUMBER_KIND = 'number';
const METRIC = 'metric:';

/** The x axis of one panel, told apart from others by `id`. */
export interface PanelAxis {
  axis: Axis;
  kind: XKind;
  label: string;
  id: string;
}

export const AXES: { value: string; label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'runtime', label: 'Relative time' },
  { value: 'time', label: 'Wall time' },
];

export const metricAxis = (name: string): string => METRIC + name;

/** What the x of a page means for a panel. Without a choice each metric's own step metric decides, and then the step. */
export function axisOf(x: string | null, panel: PanelSpec): PanelAxis {
  const choice =
    x ??
    (panel.stepMetric && panel.stepMetric !== panel.key ? metricAxis(panel.stepMetric) : 'step');
  // System metrics are sampled by time; they know neither steps nor metrics.
  if (panel.stream === 'system') return choice === 'time' ? WALL_TIME : RELATIVE_TIME;
  if (choice === 'runtime') return RELATIVE_TIME;
  if (choice === 'time') return WALL_TIME;
  if (choice.startsWith(METRIC)) {
    const name = choice.slice(METRIC.length);
    return { axis: { kind: 'metric', name }, kind: 'number', label: name, id: choice };
  }
  return { axis: { kind: 'step' }, kind: 'number', label: 'Step', id: 'step' };
}

const RELATIVE_TIME: PanelAxis = {
  axis: { kind: 'runtime' },
  kind: 'duration',
  label: 'Relative time',
  id: 'runtime',
};
const WALL_TIME: PanelAxis = {
  axis: { kind: 'time' },
  kind: 'time',
  label: 'Wall time',
  id: 'time',
};

/** Columns to ask for a plot this wide: a few sizes only, so that panels share requests. */
export function columnsFor(width: number): number {
  return [256, 512, 1024, 2048].find(columns => columns >= width) ?? 4000;
}
