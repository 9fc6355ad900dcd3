import type { Axis } from '~/api/schema';
import type { Quantity } from '~/api/series-loader';
import type { XKind } from '~/charts/scales';
import type { PanelSpec } from '../panel';

export const NUMBER_KIND = 'number';
const METRIC = 'metric:';
const EXPRESSION = 'expr:';

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
export const expressionAxis = (text: string): string => EXPRESSION + text;

/** The expression that is a page's x, if it is one. */
export function axisExpression(x: string | null): string | null {
  return x?.startsWith(EXPRESSION) ? x.slice(EXPRESSION.length) : null;
}

/** Dashes that tell the curves of one run apart. */
export const DASHES = [[], [6, 4], [2, 3], [9, 3, 2, 3]];

const quantities = new WeakMap<PanelSpec, Quantity[]>();

/** What a panel draws; the same array each time. */
export function quantitiesOf(panel: PanelSpec): Quantity[] {
  const known = quantities.get(panel);
  if (known) return known;
  const made: Quantity[] = panel.curves
    ? panel.curves.map(text => ({ kind: 'expression', text }))
    : [{ kind: 'key', text: panel.key }];
  quantities.set(panel, made);
  return made;
}

/** What the x of a page means for a panel. Without a choice each metric's own step metric decides, and then the step. */
export function axisOf(x: string | null, panel: PanelSpec): PanelAxis {
  const choice =
    x ??
    (panel.stepMetric && panel.stepMetric !== panel.key ? metricAxis(panel.stepMetric) : 'step');
  // System metrics are sampled by time; they know neither steps nor metrics.
  if (panel.stream === 'system') return choice === 'time' ? WALL_TIME : RELATIVE_TIME;
  if (choice === 'runtime') return RELATIVE_TIME;
  if (choice === 'time') return WALL_TIME;
  const expression = axisExpression(choice);
  if (expression !== null) {
    const axis: Axis = { kind: 'expression', name: expression };
    return { axis, kind: 'number', label: expression, id: choice };
  }
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
