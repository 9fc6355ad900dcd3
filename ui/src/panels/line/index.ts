import type { PanelKind } from '../panel';
import { NUMBER_KIND } from './model';
import { LinePanel } from './Panel';

export const linePanel: PanelKind = {
  name: 'line',
  accepts: kind => kind === NUMBER_KIND,
  Panel: LinePanel,
  height: 240,
  span: 1,
};
