import { lazy } from 'react';
import type { PanelKind } from '../panel';
import { CHART_KIND } from './model';

export const customPanel: PanelKind = {
  name: 'custom',
  accepts: kind => kind === CHART_KIND,
  Panel: lazy(() => import('./Panel').then(module => ({ default: module.CustomPanel }))),
  height: 300,
  span: 1,
};
