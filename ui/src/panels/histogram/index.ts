import type { PanelKind } from '../panel';
import { HISTOGRAM_KIND } from './model';
import { HistogramPanel } from './Panel';

export const histogramPanel: PanelKind = {
  name: 'histogram',
  accepts: kind => kind === HISTOGRAM_KIND,
  Panel: HistogramPanel,
  height: 240,
  span: 1,
};
