import type { VersionTab } from '~/util/paths';
import { compact, flag, text, within } from '~/workspace/search';

/** What the address of the list of artifacts holds. */
export interface ArtifactsSearch {
  type?: string;
  q?: string;
}

export interface VersionSearch extends LineageSearch {
  tab?: VersionTab;
  file?: string;
  /** The other version, where two are compared. */
  with?: string;
  /** A table file of both, and the column its rows are joined by. */
  table?: string;
  key?: string;
}

export interface LineageSearch {
  of?: string;
  /** How many steps are shown; absent for as many as at first. */
  up?: number;
  down?: number;
  list?: boolean;
}

export interface CompareSearch {
  left?: string;
  right?: string;
  /** What is the same is shown, too. */
  all?: boolean;
  /** Texts stand under each other. */
  unified?: boolean;
}

const TABS: VersionTab[] = ['overview', 'files', 'usage', 'lineage', 'history'];

export const readArtifactsSearch = (search: Record<string, unknown>): ArtifactsSearch =>
  compact({ type: text(search.type), q: text(search.q) });

export const readLineageSearch = (search: Record<string, unknown>): LineageSearch =>
  compact({
    of: text(search.of),
    up: within(search.up, -1, 100),
    down: within(search.down, -1, 100),
    list: flag(search.list),
  });

export const readVersionSearch = (search: Record<string, unknown>): VersionSearch =>
  compact({
    ...readLineageSearch(search),
    of: undefined,
    tab: TABS.find(tab => tab === search.tab),
    file: text(search.file),
    with: text(search.with),
    table: text(search.table),
    key: text(search.key),
  });

export const readCompareSearch = (search: Record<string, unknown>): CompareSearch =>
  compact({
    left: text(search.left),
    right: text(search.right),
    all: flag(search.all),
    unified: flag(search.unified),
  });
