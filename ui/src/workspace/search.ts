import { BANDS, LINES, type GroupBand, type GroupLine } from '~/panels/line/groups';
import { readSmoothing, type SmoothingSearch } from '~/panels/line/smoothing';
import type { RunTab } from '~/util/paths';

/** What the address of a workspace holds: all a colleague needs to see the same thing. Short names, nothing that is default. */
export interface WorkspaceSearch extends SmoothingSearch {
  /** What runs are grouped by: fields, and config keys as `config:<path>`. */
  group?: string[];
  /** How groups are drawn. */
  gline?: GroupLine;
  gband?: GroupBand;
  /** Search in run names. */
  q?: string;
  tags?: string[];
  states?: string[];
  /** Search in panel names. */
  panels?: string;
  /** `step`, `runtime`, `time`, `metric:<name>` or `expr:<expression>`; absent lets each metric decide. */
  x?: string;
  logx?: boolean;
  /** Panels that somebody added, each a list of expressions. */
  plots?: string[][];
  logy?: boolean;
  /** Runs switched off, and those switched on beyond the first ones. */
  hide?: string[];
  show?: string[];
  /** Nothing is shown but `show`. */
  none?: boolean;
  /** The panel shown full-screen. */
  panel?: string;
  bin?: boolean;
}

export interface RunSearch extends Pick<
  WorkspaceSearch,
  'panels' | 'x' | 'smooth' | 'smoother' | 'plots' | 'logx' | 'logy' | 'panel'
> {
  tab?: RunTab;
  line?: number;
  file?: string;
}

/** Curves of a panel that somebody added: as many as can be told apart by their dashes. */
export const MAX_CURVES = 4;
/** Panels that can be added, so that the address stays one. */
export const MAX_PLOTS = 40;

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== ''
    ? value
    : typeof value === 'number'
      ? String(value)
      : undefined;
export const flag = (value: unknown): true | undefined =>
  (value === true || undefined) as true | undefined;
const list = (value: unknown): string[] | undefined => {
  const items = (Array.isArray(value) ? value : [value])
    .map(text)
    .filter(item => item !== undefined);
  return items.length > 0 ? items : undefined;
};
const plotList = (value: unknown): string[][] | undefined => {
  if (!Array.isArray(value)) return undefined;
  const plots = value
    .filter(Array.isArray)
    .map(curves => list(curves)?.slice(0, MAX_CURVES))
    .filter(curves => curves !== undefined);
  return plots.length > 0 ? plots.slice(0, MAX_PLOTS) : undefined;
};
export const within = (value: unknown, low: number, high: number): number | undefined =>
  typeof value === 'number' && value > low && value <= high ? value : undefined;

function readPanelSearch(search: Record<string, unknown>) {
  return {
    panels: text(search.panels),
    x: text(search.x),
    ...readSmoothing(search),
    plots: plotList(search.plots),
    logx: flag(search.logx),
    logy: flag(search.logy),
    panel: text(search.panel),
  };
}

/** Leaves out what is undefined, so that addresses stay short. */
export function compact<T extends object>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T;
}

export function readWorkspaceSearch(search: Record<string, unknown>): WorkspaceSearch {
  return compact({
    ...readPanelSearch(search),
    q: text(search.q),
    group: list(search.group),
    gline: LINES.slice(1).find(({ value }) => value === search.gline)?.value,
    gband: BANDS.slice(1).find(({ value }) => value === search.gband)?.value,
    tags: list(search.tags),
    states: list(search.states),
    hide: list(search.hide),
    show: list(search.show),
    none: flag(search.none),
    bin: flag(search.bin),
  });
}

const TABS: RunTab[] = ['overview', 'charts', 'system', 'console', 'files', 'artifacts'];

export function readRunSearch(search: Record<string, unknown>): RunSearch {
  return compact({
    ...readPanelSearch(search),
    tab: TABS.find(tab => tab === search.tab),
    line: within(search.line, -1, Number.MAX_SAFE_INTEGER),
    file: text(search.file),
  });
}
