import type { CustomChart, ProjectKey, RunKey } from '~/api/schema';
import { formatInteger } from '~/util/format';
import { parseExpression } from '~/util/pattern';
import { CHART_KIND } from './custom/model';
import { HISTOGRAM_KIND } from './histogram/model';
import { NUMBER_KIND } from './line/model';
import { isMediaKind } from './media/model';
import type { PanelKindName, PanelSpec } from './panel';
import { isTableKind } from './table/model';

export interface Section {
  name: string;
  panels: PanelSpec[];
  openAtFirst: boolean;
}

export const SYSTEM_SECTION = 'system';
const CHARTS_SECTION = 'Charts';
const ADDED_SECTION = 'Added panels';
/** A page of more open sections takes long to draw, and nobody scrolls through it. */
const OPEN_AT_FIRST = 40;
const RANKS = new Map([
  [ADDED_SECTION, 0],
  [CHARTS_SECTION, 1],
  [SYSTEM_SECTION, 3],
]);
const ROLE_KEYS = new Set(['_step', '_runtime', '_timestamp']);

function kindOf(valueKinds: string[]): PanelKindName | null {
  if (valueKinds.some(isMediaKind)) return 'media';
  if (valueKinds.some(isTableKind)) return 'table';
  if (valueKinds.includes(HISTOGRAM_KIND)) return 'histogram';
  if (valueKinds.includes(NUMBER_KIND)) return 'line';
  return null;
}

/** Panels of history keys, leaving out hidden ones and those the page has no picture for. */
export function historyPanels(
  keys: (ProjectKey | RunKey)[],
  charts: Record<string, CustomChart> = {},
): PanelSpec[] {
  const chartTables = new Set(Object.values(charts).map(chart => chart.table_key));
  const panels: PanelSpec[] = [];
  for (const key of keys) {
    const kind = kindOf(key.kinds);
    const hidden = 'hidden' in key && key.hidden;
    if (!kind || hidden || ROLE_KEYS.has(key.name) || chartTables.has(key.name)) continue;
    panels.push({
      id: key.label,
      kind,
      stream: 'history',
      key: key.name,
      label: key.label,
      valueKinds: key.kinds,
      stepMetric: 'step_metric' in key ? key.step_metric : null,
    });
  }
  for (const name of Object.keys(charts)) {
    panels.push({
      id: `chart:${name}`,
      kind: 'custom',
      stream: 'history',
      key: name,
      label: name,
      valueKinds: [CHART_KIND],
      stepMetric: null,
    });
  }
  return panels;
}

export function systemPanels(keys: RunKey[]): PanelSpec[] {
  return keys
    .filter(key => key.kinds.includes(NUMBER_KIND) && !ROLE_KEYS.has(key.name))
    .map(key => ({
      id: `system:${key.label}`,
      kind: 'line' as const,
      stream: 'system' as const,
      key: key.name,
      label: key.label.replace(/^system[./]/, ''),
      valueKinds: key.kinds,
      stepMetric: null,
    }));
}

/** Panels that somebody added, each of one or more expressions. */
export function plotPanels(plots: string[][]): PanelSpec[] {
  return plots.map(curves => {
    const label = curves.join(', ');
    return {
      id: `plot:${label}`,
      kind: 'line',
      stream: 'history',
      key: label,
      label,
      valueKinds: [NUMBER_KIND],
      stepMetric: null,
      curves,
    };
  });
}

export function sectionOf(panel: PanelSpec): string {
  if (panel.curves) return ADDED_SECTION;
  if (panel.stream === 'system') return SYSTEM_SECTION;
  const slash = panel.label.indexOf('/');
  return slash > 0 ? panel.label.slice(0, slash) : CHARTS_SECTION;
}

/** How many of a page's runs were asked for what only runs themselves tell. */
export interface Probed {
  asked: number;
  of: number;
}

const PROBES: [string, (panel: PanelSpec) => boolean][] = [
  ['custom charts', panel => panel.kind === 'custom'],
  ['system metrics', panel => panel.stream === 'system'],
];

/** Says whose the panels are that only some runs were asked for; nothing if all runs were. */
export function probeNote(panels: PanelSpec[], probed: Probed | null): string | null {
  if (!probed || probed.asked >= probed.of) return null;
  const found = PROBES.filter(([, isSuch]) => panels.some(isSuch)).map(([name]) => name);
  const of = `the first ${probed.asked} of ${formatInteger(probed.of)} runs`;
  return found.length > 0 ? `${found.join(' and ')} of ${of}` : null;
}

/** Says of what only some runs were asked for that these have none of it. */
export function missedNote(panels: PanelSpec[], probed: Probed | null): string | null {
  if (!probed || probed.asked >= probed.of) return null;
  const missing = PROBES.filter(([, isSuch]) => !panels.some(isSuch)).map(([name]) => name);
  const of = `the first ${probed.asked} of ${formatInteger(probed.of)} runs`;
  return missing.length > 0 ? `no ${missing.join(' and ')} in ${of}; others were not asked` : null;
}

/**
 * Puts panels into sections by their first prefix: named ones in order, `Charts` before them, the system last. What was
 * added comes first.
 */
export function buildSections(panels: PanelSpec[], search = ''): Section[] {
  const pattern = parseExpression(search);
  const byName = new Map<string, PanelSpec[]>();
  for (const panel of panels) {
    if (!pattern.matches(panel.label)) continue;
    const name = sectionOf(panel);
    const section = byName.get(name);
    if (section) section.push(panel);
    else byName.set(name, [panel]);
  }
  const rank = (name: string): number => RANKS.get(name) ?? 2;
  return [...byName]
    .toSorted(([a], [b]) => rank(a) - rank(b) || naturally(a, b))
    .map(([name, members], place) => ({
      name,
      panels: members.toSorted(
        (a, b) => KIND_ORDER[a.kind] - KIND_ORDER[b.kind] || naturally(a.label, b.label),
      ),
      openAtFirst: place < OPEN_AT_FIRST && (name !== SYSTEM_SECTION || search !== ''),
    }));
}

/** Curves come first, the large panels last: so rows of a section hold panels of like height. */
const KIND_ORDER: Record<PanelKindName, number> = {
  line: 0,
  histogram: 1,
  custom: 2,
  media: 3,
  table: 4,
};

const collator = new Intl.Collator('en', { numeric: true });
const naturally = (a: string, b: string): number => collator.compare(a, b);
