import { lazy } from 'react';
import type { PanelKind } from '../panel';
import { HISTOGRAM_KIND } from './model';

export const histogramPanel: PanelKind = {
  name: 'histogram',
  accepts: kind => kind === HISTOGRAM_KIND,
  Panel: lazy(() => import('./Panel').then(module => ({ default: module.HistogramPanel }))),
  height: 240,
  span: 1,
};
