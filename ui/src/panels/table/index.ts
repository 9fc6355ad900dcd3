import type { PanelKind } from '../panel';
import { isTableKind } from './model';
import { TablePanel } from './Panel';

export const tablePanel: PanelKind = {
  name: 'table',
  accepts: isTableKind,
  Panel: TablePanel,
  height: 320,
  span: 2,
};
