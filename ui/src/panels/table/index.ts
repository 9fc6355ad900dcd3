import type { PanelKind } from '../panel';
import { TABLE_KIND } from './model';
import { TablePanel } from './Panel';

export const tablePanel: PanelKind = {
  name: 'table',
  accepts: kind => kind === TABLE_KIND,
  Panel: TablePanel,
  height: 320,
  span: 2,
};
