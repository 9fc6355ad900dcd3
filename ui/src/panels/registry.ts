import { customPanel } from './custom';
import { histogramPanel } from './histogram';
import { linePanel } from './line';
import { mediaPanel } from './media';
import type { PanelKind, PanelKindName } from './panel';
import { tablePanel } from './table';

export const PANEL_KINDS: Record<PanelKindName, PanelKind> = {
  line: linePanel,
  media: mediaPanel,
  histogram: histogramPanel,
  table: tablePanel,
  custom: customPanel,
};
