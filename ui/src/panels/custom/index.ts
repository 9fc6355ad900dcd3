import type { PanelKind } from '../panel';
import { CHART_KIND } from './model';
import { CustomPanel } from './Panel';

export const customPanel: PanelKind = {
  name: 'custom',
  accepts: kind => kind === CHART_KIND,
  Panel: CustomPanel,
  height: 300,
  span: 1,
};
