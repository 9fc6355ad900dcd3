import { expect, it } from 'vitest';
import type { ChartLine } from './draw-lines';
import { chartCsv } from './export';
import { rawColumns } from './fixtures';

const line: ChartLine = {
  id: 'r1',
  name: 'a, "b"',
  color: '#000',
  columns: rawColumns([0, 1], [2, Number.NaN]),
  curve: null,
  smoothed: null,
};

it('writes what is drawn of runs', () => {
  expect(chartCsv([line]).split('\n')).toEqual([
    'run_id,run,x_min,x_max,count,mean,min,max,last,n_nan,n_pos_inf,n_neg_inf',
    'r1,"a, ""b""",0,0,1,2,2,2,2,0,0,0',
    'r1,"a, ""b""",1,1,0,NaN,NaN,NaN,NaN,1,0,0',
  ]);
});

it('names curves and gives smoothed values where there are some', () => {
  const smoothed = rawColumns([0, 1], [2, 2.5]);
  const curve = { name: 'log(x)', dash: [] };
  const [head, first] = chartCsv([{ ...line, name: 'a', curve, smoothed }, line]).split('\n');
  expect(head.split(',').slice(0, 3)).toEqual(['run_id', 'run', 'curve']);
  expect(head.endsWith(',smoothed')).toBe(true);
  expect(first).toBe('r1,a,log(x),0,0,1,2,2,2,2,0,0,0,2');
});

it('writes line and band of groups with how many members they are of', () => {
  const figure = Float64Array.from([1, 1]);
  const group = {
    n: Uint32Array.from([3, 1]),
    median: figure,
    sd: figure,
    se: figure,
    ciLow: figure,
    ciHigh: figure,
  };
  const columns = { ...line.columns, min: figure, group };
  const rows = chartCsv([{ ...line, name: 'lr 1', columns }]).split('\n');
  expect(rows.slice(0, 2)).toEqual([
    'group_id,group,x_min,x_max,count,n,line,band_low,band_high,n_non_finite',
    'r1,lr 1,0,0,1,3,2,1,2,0',
  ]);
});
