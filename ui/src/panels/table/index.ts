import { lazy } from 'react';
import type { PanelKind } from '../panel';
import { isTableKind } from './model';

export const tablePanel: PanelKind = {
  name: 'table',
  accepts: isTableKind,
  Panel: lazy(() => import('./Panel').then(module => ({ default: module.TablePanel }))),
  height: 320,
  span: 2,
};
