import { createContext, use, type ComponentType, type Ref } from 'react';
import type { ProjectRef } from '~/api/client';
import type { Run, Smoothing, Stream } from '~/api/schema';
import type { GroupLook } from './line/groups';
import type { SeriesLoader } from '~/api/series-loader';

export type PanelKindName = 'line' | 'media' | 'histogram' | 'table' | 'custom';

/** One panel of a workspace: a key and how it is shown. */
export interface PanelSpec {
  /** Unique within the page, and what the address calls it. */
  id: string;
  kind: PanelKindName;
  stream: Stream;
  key: string;
  label: string;
  /** Kinds of values logged under the key. */
  valueKinds: string[];
  stepMetric: string | null;
  /** Expressions that a panel somebody added draws, instead of its key. */
  curves?: string[];
}

/** A run as panels need it. */
export interface PanelRun {
  id: string;
  name: string;
  color: string;
  live: boolean;
  run: Run;
}

/** Runs that panels of curves draw as one. */
export interface PanelGroup {
  id: string;
  name: string;
  color: string;
  runs: string[];
  /** A member may still log. */
  live: boolean;
}

/** What all panels of a page share. */
export interface PanelSettings {
  x: string | null;
  smoothing: Smoothing | null;
  logX: boolean;
  logY: boolean;
  groupLook: GroupLook;
}

export interface PanelContextValue {
  ref: ProjectRef;
  runs: PanelRun[];
  /** If given, curves are those of groups of the runs. */
  groups: PanelGroup[] | null;
  loader: SeriesLoader;
  settings: PanelSettings;
  /** Changes a panel that somebody added. */
  onEdit: (panel: PanelSpec) => void;
  onRemove: (panel: PanelSpec) => void;
}

export const PanelContext = createContext<PanelContextValue | null>(null);

export function usePanelContext(): PanelContextValue {
  const value = use(PanelContext);
  if (!value) throw new Error('panels stand inside a panel context');
  return value;
}

/** What the frame round a panel can ask of it. */
export interface PanelHandle {
  exportPng?: () => Promise<Blob | null>;
  exportCsv?: () => string | null;
}

export interface PanelProps {
  spec: PanelSpec;
  /** In sight; what is not in sight fetches nothing. */
  active: boolean;
  large: boolean;
  ref?: Ref<PanelHandle>;
}

/** A kind of panel: which values it shows and with what. */
export interface PanelKind {
  name: PanelKindName;
  accepts: (valueKind: string) => boolean;
  /** Curves come with the page; the code of others comes when one is in sight. */
  Panel: ComponentType<PanelProps>;
  /** Height in the grid, in pixels. */
  height: number;
  /** Columns of the grid it spans where there is room. */
  span: 1 | 2;
}
