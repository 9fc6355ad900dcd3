import type { PanelKind } from '../panel';
import { isMediaKind } from './model';
import { MediaPanel } from './Panel';

export const mediaPanel: PanelKind = {
  name: 'media',
  accepts: isMediaKind,
  Panel: MediaPanel,
  height: 300,
  span: 1,
};
