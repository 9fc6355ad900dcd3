import { lazy } from 'react';
import type { PanelKind } from '../panel';
import { isMediaKind } from './model';

export const mediaPanel: PanelKind = {
  name: 'media',
  accepts: isMediaKind,
  Panel: lazy(() => import('./Panel').then(module => ({ default: module.MediaPanel }))),
  height: 300,
  span: 1,
};
